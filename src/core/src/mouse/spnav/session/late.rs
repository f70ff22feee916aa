use super::{Phase, Session};
use std::time::Duration;

/// So many packets at once, more than half a second's even of a quick device: it was us who were late. The daemon does not wait
/// for room in the socket but drops what has none (proto_unix.c: its sockets are `O_NONBLOCK`; 278 packets find room in
/// Linux's 208 KiB), so the news that the puck was let go of may never come.
const BACKLOG: u32 = 128;

impl Session {
    /// All that had come was handed to [`Self::received`]. If that was so much that the daemon may have dropped some, nobody
    /// knows any more what is held: the device counts as gone until it is asked about.
    pub fn caught_up(&mut self, now: Duration) {
        if std::mem::take(&mut self.backlog) < BACKLOG {
            return;
        }
        self.late += 1;
        if self.held.any() {
            // Told as a device that is gone, or it would look like a hand that lets go. Protocol 1 brings it back with the answer.
            let device = self.device.clone().filter(|_| self.phase == Phase::Zero);
            self.change_device(None);
            self.change_device(device);
        }
        // It may have gone, too.
        self.query_again |= self.query.is_some();
        self.ask(now);
    }

    /// How often so much came at once that the daemon may have dropped some of it.
    pub fn late(&self) -> u64 {
        self.late
    }
}
