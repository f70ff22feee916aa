//! What is printed: results on stdout, for people or as JSON; everything else on stderr.

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write};

use serde::Serialize;
use serde_json::json;

use super::failure::Failure;

/// Where the output goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Console {
    json: bool,
}

impl Console {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether JSON was asked for.
    pub(super) fn is_json(self) -> bool {
        self.json
    }

    /// Whether a person looks at stdout.
    pub(super) fn is_watched(self) -> bool {
        !self.json && std::io::stdout().is_terminal()
    }

    /// Whether a person looks at stderr, where progress is shown.
    pub(super) fn shows_progress(self) -> bool {
        !self.json && std::io::stderr().is_terminal()
    }

    /// A result: one line of JSON, or its text.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn tell<R: Serialize + Display>(self, result: &R) -> Result<(), Failure> {
        if self.json { self.line(&to_json(result)) } else { self.line(result) }
    }

    /// A bad result: JSON as ever, its text on stderr.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn tell_badly<R: Serialize + Display>(self, result: &R) -> Result<(), Failure> {
        if self.json {
            return self.line(&to_json(result));
        }
        for line in result.to_string().lines() {
            self.note(&line);
        }
        Ok(())
    }

    /// A line of text on stdout.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn line(self, text: &impl Display) -> Result<(), Failure> {
        self.raw(format!("{text}\n").as_bytes())
    }

    /// Bytes on stdout, as they are.
    ///
    /// # Errors
    /// When stdout is closed.
    pub(super) fn raw(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| match error.kind() {
            // The reader has seen enough, as `head` does.
            ErrorKind::BrokenPipe => Failure::Said(0),
            _ => Failure::Refused(format!("cannot write to stdout: {error}")),
        })
    }

    /// A line on stderr, in front of which stands who says it.
    pub(super) fn note(self, text: &impl Display) {
        // Without a console there is nobody to tell.
        let _ = writeln!(std::io::stderr().lock(), "steve: {text}");
    }

    /// Says why it went wrong, unless that is said already. With JSON stdout has it, too: one object, whatever happens.
    pub(super) fn complain(self, failure: &Failure) {
        if matches!(failure, Failure::Said(_)) {
            return;
        }
        self.note(failure);
        if self.json {
            let _ = self.line(&json!({ "success": false, "message": failure.to_string() }));
        }
    }
}

/// Numbers that are none become null.
fn to_json<R: Serialize>(result: &R) -> String {
    serde_json::to_string(result)
        .unwrap_or_else(|error| json!({ "success": false, "message": error.to_string() }).to_string())
}
