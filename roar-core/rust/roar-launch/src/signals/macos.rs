//! Signals through a kernel queue, which sees those that are ignored as well (kqueue(2), EVFILT_SIGNAL).

use crate::kqueue::Kqueue;
use std::io;

/// There are none of the C library's own.
pub(super) fn restore_internal() {}

/// Ignores `signals`, and has the queue tell of each that is sent. Who sent it is not told.
pub fn watch(queue: &Kqueue, signals: &[i32]) -> io::Result<()> {
    for &signal in signals {
        queue.watch_signal(signal)?;
        // SAFETY: SIG_IGN is a valid disposition for signals that a program may catch.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    Ok(())
}
