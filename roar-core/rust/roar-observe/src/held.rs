//! A command that is held before its exec by a message, where no filter holds it.

use crate::guardian::InFlight;
use crate::launch;
use roar_launch::command::Command;
use roar_launch::descriptors;
use roar_launch::signals::SignalState;
use roar_launch::spawn::{self, Side};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

/// Forks a child of the front that waits for [`let_go`] and then becomes the command; its process id, and this end of
/// its socket. `become_command` runs in the child, and returns only the error number that says why it could not.
pub fn fork(
    command: Command,
    signals: &SignalState,
    in_flight: &InFlight,
    become_command: impl FnOnce(Command) -> i32,
) -> io::Result<(i32, OwnedFd)> {
    let (ours, theirs) = descriptors::socket_pair()?;
    // SAFETY: this program has one thread.
    match unsafe { spawn::fork(true) }? {
        Side::Parent(process) => Ok((process, ours)),
        Side::Child => {
            drop(ours);
            let order = spawn::receive(&theirs, 1, 0);
            let errno = if order.is_ok_and(|message| !message.bytes.is_empty()) {
                signals.restore();
                become_command(command)
            } else if in_flight.is_job_known() {
                // The tracer has died after the front has heard of the job, which then runs unobserved.
                signals.restore();
                command.exec()
            } else {
                // SAFETY: ends the child without running the parent's exit handlers.
                unsafe { libc::_exit(125) }
            };
            launch::tell_not_run(theirs.as_raw_fd(), errno);
            // That it never ran must be known before that it has ended: the tracer hangs up when it has read it.
            let _ = spawn::receive(&theirs, 1, 0);
            // SAFETY: as above.
            unsafe { libc::_exit(if errno == libc::ENOENT { 127 } else { 126 }) }
        }
    }
}

/// Lets the child become the command. One that has died is noticed by its death.
pub fn let_go(child: &OwnedFd) {
    let _ = spawn::send(child.as_raw_fd(), b"G", None);
}
