//! Learning that a process has ended: by the kernel queue that all else comes through as well.
//!
//! How it has ended the kernel tells its parent alone (kqueue(2), NOTE_EXITSTATUS), which the tracer never is.

use crate::tree::Process;
use roar_launch::kqueue::Kqueue;
use std::io;

pub struct Deaths {
    pub queue: Kqueue,
}

impl Deaths {
    pub fn new() -> io::Result<Deaths> {
        Ok(Deaths { queue: Kqueue::new()? })
    }

    /// Watches for the end of a process that is new in the tree; false if it has gone already, or may not be watched.
    pub fn follow(&self, process: &mut Process) -> bool {
        self.queue.watch_end(process.pid).is_ok()
    }
}
