//! Ctrl-C: the first asks for an orderly end, the second leaves at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tokio_util::sync::CancellationToken;

/// Whether the person has had enough.
pub(super) struct Interrupt {
    token: CancellationToken,
    exit_code: Arc<AtomicU8>,
}

impl Interrupt {
    /// Starts to look for SIGINT, SIGTERM and SIGHUP (the terminal was closed), on a thread of its own.
    ///
    /// # Errors
    /// When the system allows no handler or no thread.
    pub(super) fn watch() -> io::Result<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let (token, exit_code) = (CancellationToken::new(), Arc::new(AtomicU8::new(0)));
        let (first, code_of_first) = (token.clone(), exit_code.clone());
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in signals.forever() {
                if first.is_cancelled() {
                    // Not std's exit: the spinning thread is alive and would crash in it.
                    signal_hook::low_level::exit(128 + signal);
                }
                code_of_first.store(u8::try_from(128 + signal).unwrap_or(u8::MAX), Ordering::Release);
                first.cancel();
            }
        })?;
        Ok(Self { token, exit_code })
    }

    /// Is cancelled with the first signal.
    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// 128 + the signal's number, as shells have it.
    pub(super) fn exit_code(&self) -> u8 {
        self.exit_code.load(Ordering::Acquire)
    }
}
