//! What is wrong in a description file, told so that it can be put right in one go.

use std::error::Error;
use std::fmt;

use super::yaml::{self, Step};

/// More are counted, not listed: a file that has so many is not a description.
const MOST_LISTED: usize = 100;

/// One thing wrong in a description file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1, where one can be told.
    pub line: Option<usize>,
    /// The field, such as `joints[1].pulse_us`; empty for the file as a whole.
    pub path: String,
    /// The value and what is allowed.
    pub message: String,
}

/// Everything wrong in a description file, in the order of its lines. Displayed one fault a line:
/// `steve.yaml:17: joints[1].pulse_us: 300 is outside 400 to 2700 us`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescriptionErrors {
    /// The file's name, as it was given.
    pub file_name: String,
    /// The faults, at least one; at most a hundred and a last one that counts the others.
    pub faults: Vec<Fault>,
}

impl fmt::Display for DescriptionErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            f.write_str(&self.file_name)?;
            if let Some(line) = fault.line {
                write!(f, ":{line}")?;
            }
            if !fault.path.is_empty() {
                write!(f, ": {}", fault.path)?;
            }
            write!(f, ": {}", fault.message)?;
        }
        Ok(())
    }
}

impl Error for DescriptionErrors {}

/// Faults as they are found: where in the document, not yet on which line.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: Vec<(Vec<Step>, Fault)>,
}

impl Faults {
    /// Notes a fault of the field at `path`, which stands at `place`.
    pub(crate) fn add(&mut self, path: impl Into<String>, place: &[Step], message: impl Into<String>) {
        let fault = Fault { line: None, path: path.into(), message: message.into() };
        self.found.push((place.to_vec(), fault));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them, with the lines of `text`.
    pub(crate) fn locate(self, text: &str, file_name: &str) -> DescriptionErrors {
        let more = self.found.len().saturating_sub(MOST_LISTED);
        let listed = self.found.into_iter().take(MOST_LISTED);
        let mut faults: Vec<Fault> =
            listed.map(|(place, fault)| Fault { line: yaml::line_of(text, &place), ..fault }).collect();
        faults.sort_by_key(|fault| fault.line);
        if more > 0 {
            let message = format!("{more} more faults");
            faults.push(Fault { line: None, path: String::new(), message });
        }
        DescriptionErrors { file_name: file_name.to_owned(), faults }
    }
}
