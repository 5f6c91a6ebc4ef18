//! Starting the command under the filter.

use crate::backend::Source;
use crate::filter;
use crate::guardian::{Guardian, InFlight};
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

/// A command whose process has been forked and makes itself ready for its exec, at which it is held.
pub struct Started {
    pub process: i32,
    /// Events that come by another way than caught calls.
    pub source: Option<Box<dyn Source>>,
    /// Tells of a failed exec; hangs up when the exec succeeds.
    pub exec_result: OwnedFd,
    /// How its calls are to be caught, if they are.
    pub filtering: Option<Filtering>,
}

/// Ways of catching calls, in the order in which they are asked for.
pub struct Filtering {
    modes: Vec<Mode>,
    /// The child has been told the first of them.
    is_asked: bool,
    guardian: Option<Guardian>,
}

/// How calls are caught.
#[derive(Default)]
pub struct Catching {
    /// `None`: by stops, or not at all.
    pub listener: Option<Listener>,
    /// `None`: a job that is caught by stops dies with the tracer.
    pub guardian: Option<Guardian>,
    pub stops: Option<Stops>,
    pub no_new_privileges: bool,
}

/// Forks the command as a child of the front, and asks it to be caught in the first of the modes that is granted. It is
/// stopped at its own exec until that is answered.
pub fn start(
    command: Command,
    signals: &SignalState,
    modes: Vec<Mode>,
    in_flight: &InFlight,
) -> io::Result<Started> {
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
    let first = modes.first().copied().and_then(order);
    let is_asked = first.is_some_and(|order| spawn::send(ours.as_raw_fd(), &[order], None).is_ok());
    let guardian = Guardian::fork(in_flight);
    let filtering = Some(Filtering { modes, is_asked, guardian });
    Ok(Started { process, source: None, exec_result: ours, filtering })
}

/// What the child is told; `None` where it has to be attached to before.
fn order(mode: Mode) -> Option<u8> {
    match mode {
        Mode::Auto | Mode::Notify => Some(NOTIFY),
        Mode::Attach => Some(ATTACH),
        Mode::Trace => None,
    }
}

impl Started {
    /// Waits until the command is ready. If none of the modes is granted it ends: it sees its socket close.
    pub fn settle(&mut self) -> io::Result<Catching> {
        let Some(filtering) = self.filtering.take() else { return Ok(Catching::default()) };
        let mut failure = io::Error::from(io::ErrorKind::Unsupported);
        for (index, mode) in filtering.modes.into_iter().enumerate() {
            match self.try_mode(mode, filtering.is_asked && index == 0) {
                Ok(mut catching) => {
                    let guarded = filtering.guardian.zip(catching.listener.as_ref());
                    catching.guardian = guarded.and_then(|(guardian, listener)| guardian.entrust(listener));
                    return Ok(catching);
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn try_mode(&self, mode: Mode, is_asked: bool) -> io::Result<Catching> {
        let child = self.exec_result.as_raw_fd();
        let mut stops = None;
        match order(mode) {
            Some(_) if is_asked => {}
            Some(order) => spawn::send(child, &[order], None)?,
            None => {
                // The child has said that we may (PR_SET_PTRACER) by the time it answers.
                spawn::send(child, &[ALLOW], None)?;
                spawn::receive(&self.exec_result, 16, 0)?;
                stops = Some(Stops::seize(self.process, Purpose::Trace)?);
                spawn::send(child, &[TRACE], None)?;
            }
        }
        let message = spawn::receive(&self.exec_result, 16, 0)?;
        match message.bytes.first() {
            Some(&GRANTED) => {
                if mode == Mode::Attach {
                    // It waits at its exec for our answer.
                    stops = Some(Stops::seize(self.process, Purpose::Access)?);
                }
                let listener = message.descriptors.into_iter().next().map(Listener::new);
                let no_new_privileges = message.bytes.get(1) == Some(&1);
                Ok(Catching { listener, guardian: None, stops, no_new_privileges })
            }
            Some(&REFUSED) => Err(io::Error::from_raw_os_error(number(&message.bytes))),
            _ => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
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
