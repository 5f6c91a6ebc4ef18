//! Starting the command under the filter.

use crate::backend::Source;
use crate::filter;
use crate::listener::Listener;
use crate::stops::{Purpose, Stops};
use roar_launch::arguments::Mode;
use roar_launch::command::Command;
use roar_launch::descriptors;
use roar_launch::signals::SignalState;
use roar_launch::spawn::{self, Side};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// Orders to the child.
const NOTIFY: u8 = b'N';
const ATTACH: u8 = b'A';
const TRACE: u8 = b'T';
const ALLOW: u8 = b'?';
/// The child's answers.
const GRANTED: u8 = b'G';
const REFUSED: u8 = b'R';
const NOT_RUN: u8 = b'X';
const PR_SET_PTRACER: libc::c_int = 0x5961_6d61;

/// A command that waits, filtered, to be let go on.
pub struct Started {
    pub process: i32,
    pub listener: Option<Listener>,
    pub stops: Option<Stops>,
    pub no_new_privileges: bool,
    /// Events that come by another way than caught calls.
    pub source: Option<Box<dyn Source>>,
    /// Tells of a failed exec; hangs up when the exec succeeds.
    pub exec_result: OwnedFd,
}

/// Forks the command as a child of the front, in the first of the modes that is granted. It is stopped at its own
/// exec until that is answered.
pub fn start(command: Command, signals: &SignalState, modes: &[Mode]) -> io::Result<Started> {
    let (ours, theirs) = descriptors::socket_pair()?;
    let tracer = std::process::id();
    // SAFETY: this program has one thread.
    let process = match unsafe { spawn::fork(true) }? {
        Side::Child => {
            drop(ours);
            run(command, signals, theirs.as_raw_fd(), tracer)
        }
        Side::Parent(process) => process,
    };
    drop(theirs);
    let mut failure = io::Error::from(io::ErrorKind::Unsupported);
    let mut stops: Option<Stops> = None;
    for mode in modes {
        match try_mode(*mode, process, &ours, &mut stops) {
            Ok((listener, no_new_privileges)) => {
                return Ok(Started {
                    process,
                    listener,
                    stops,
                    no_new_privileges,
                    source: None,
                    exec_result: ours,
                });
            }
            Err(error) => failure = error,
        }
    }
    // The child sees the socket close and ends.
    Err(failure)
}

fn try_mode(
    mode: Mode,
    process: i32,
    child: &OwnedFd,
    stops: &mut Option<Stops>,
) -> io::Result<(Option<Listener>, bool)> {
    let order = match mode {
        Mode::Auto | Mode::Notify => NOTIFY,
        Mode::Attach => ATTACH,
        Mode::Trace => TRACE,
    };
    if mode == Mode::Trace {
        // The child has said that we may (PR_SET_PTRACER) by the time it answers.
        spawn::send(child.as_raw_fd(), &[ALLOW], None)?;
        spawn::receive(child, 16, 0)?;
        *stops = Some(Stops::seize(process, Purpose::Trace)?);
    }
    spawn::send(child.as_raw_fd(), &[order], None)?;
    let message = spawn::receive(child, 16, 0)?;
    match message.bytes.first() {
        Some(&GRANTED) => {
            if mode == Mode::Attach {
                // It waits at its exec for our answer.
                *stops = Some(Stops::seize(process, Purpose::Access)?);
            }
            let listener = message.descriptors.into_iter().next().map(Listener::new);
            Ok((listener, message.bytes.get(1) == Some(&1)))
        }
        Some(&REFUSED) => Err(io::Error::from_raw_os_error(number(&message.bytes))),
        _ => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
    }
}

/// Tells, from a child that could not become the command, why.
pub(crate) fn tell_not_run(tracer: RawFd, errno: i32) {
    tell(tracer, NOT_RUN, errno);
}

fn tell(tracer: RawFd, kind: u8, errno: i32) {
    let bytes = errno.to_le_bytes();
    let _ = spawn::send(tracer, &[kind, bytes[0], bytes[1], bytes[2], bytes[3]], None);
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
fn run(command: Command, signals: &SignalState, tracer: RawFd, tracer_process: u32) -> ! {
    let tell = |kind: u8, errno: i32| tell(tracer, kind, errno);
    // SAFETY: a plain system call, refused where there is no Yama.
    unsafe { libc::prctl(PR_SET_PTRACER, tracer_process as libc::c_ulong, 0, 0, 0) };
    loop {
        let order = spawn::receive(&tracer, 1, 0).ok().and_then(|message| message.bytes.first().copied());
        let (caught, attached) = match order {
            Some(NOTIFY) => (filter::RET_USER_NOTIF, false),
            Some(ATTACH) => (filter::RET_USER_NOTIF, true),
            Some(TRACE) => (filter::RET_TRACE, true),
            Some(_) => {
                tell(GRANTED, 0);
                continue;
            }
            // SAFETY: ends the child without running the parent's exit handlers.
            None => unsafe { libc::_exit(125) },
        };
        match filter::install(&filter::program(caught, attached), caught == filter::RET_USER_NOTIF) {
            Ok(installed) => {
                let _ = spawn::send(
                    tracer,
                    &[GRANTED, u8::from(installed.no_new_privileges)],
                    installed.listener,
                );
                if let Some(listener) = installed.listener {
                    // SAFETY: the tracer has its own copy now.
                    unsafe { libc::close(listener) };
                }
                break;
            }
            Err(error) => tell(REFUSED, error.raw_os_error().unwrap_or(libc::EIO)),
        }
    }
    signals.restore();
    let errno = command.exec();
    tell_not_run(tracer, errno);
    // SAFETY: as above.
    unsafe { libc::_exit(if errno == libc::ENOENT { 127 } else { 126 }) }
}
