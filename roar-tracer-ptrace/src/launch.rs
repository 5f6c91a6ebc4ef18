//! Starting the command under the filter.

use crate::filter;
use crate::listener::Listener;
use roar_launch::command::Command;
use roar_launch::descriptors;
use roar_launch::signals::SignalState;
use roar_launch::spawn::{self, Side};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

const GRANTED: u8 = b'L';
const REFUSED: u8 = b'E';
const NOT_RUN: u8 = b'X';

/// A command that waits, filtered, to be let go on.
pub struct Started {
    pub process: i32,
    pub listener: Listener,
    pub no_new_privileges: bool,
    /// Tells of a failed exec; hangs up when the exec succeeds.
    pub exec_result: OwnedFd,
}

/// Forks the command as a child of the front. It is stopped at its own exec until that is answered.
pub fn start(command: Command, signals: &SignalState) -> io::Result<Started> {
    let program = filter::program(filter::RET_USER_NOTIF);
    let (ours, theirs) = descriptors::socket_pair()?;
    // SAFETY: this program has one thread.
    let process = match unsafe { spawn::fork(true) }? {
        Side::Child => run(command, &program, signals, theirs.as_raw_fd()),
        Side::Parent(process) => process,
    };
    drop(theirs);
    let message = spawn::receive(&ours, 16, 0)?;
    match (message.bytes.first(), message.descriptors.into_iter().next()) {
        (Some(&GRANTED), Some(listener)) => Ok(Started {
            process,
            listener: Listener::new(listener),
            no_new_privileges: message.bytes.get(1) == Some(&1),
            exec_result: ours,
        }),
        (Some(&REFUSED), _) => Err(io::Error::from_raw_os_error(number(&message.bytes))),
        _ => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
    }
}

/// Why the exec failed; `None` if it succeeded. Call when `exec_result` is readable.
pub fn exec_error(exec_result: &OwnedFd) -> Option<i32> {
    let message = spawn::receive(exec_result, 16, libc::MSG_DONTWAIT).ok()?;
    (message.bytes.first() == Some(&NOT_RUN)).then(|| number(&message.bytes))
}

fn number(message: &[u8]) -> i32 {
    message.get(1..5).and_then(|bytes| bytes.try_into().ok()).map_or(libc::EIO, i32::from_le_bytes)
}

/// The child's side: filter, listener, exec.
fn run(command: Command, program: &[libc::sock_filter], signals: &SignalState, tracer: RawFd) -> ! {
    let tell = |kind: u8, errno: i32| {
        let bytes = errno.to_le_bytes();
        let _ = spawn::send(tracer, &[kind, bytes[0], bytes[1], bytes[2], bytes[3]], None);
    };
    signals.restore();
    match filter::install(program, true) {
        Ok(installed) => {
            let _ =
                spawn::send(tracer, &[GRANTED, u8::from(installed.no_new_privileges)], installed.listener);
            if let Some(listener) = installed.listener {
                // SAFETY: the tracer has its own copy now.
                unsafe { libc::close(listener) };
            }
        }
        Err(error) => {
            tell(REFUSED, error.raw_os_error().unwrap_or(libc::EIO));
            // SAFETY: ends the child without running the parent's exit handlers.
            unsafe { libc::_exit(125) };
        }
    }
    let errno = command.exec();
    tell(NOT_RUN, errno);
    // SAFETY: as above.
    unsafe { libc::_exit(if errno == libc::ENOENT { 127 } else { 126 }) }
}
