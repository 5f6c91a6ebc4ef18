//! `--probe`: whether this tracer can work here, found out by trying.

use crate::{filter, mode, procfs};
use roar_launch::arguments::Mode;
use roar_launch::probe::Availability;
use roar_launch::spawn::{self, Side};
use std::io;

/// What can be done here: by trying each way of catching calls.
pub fn availability() -> (Availability, Option<&'static str>) {
    if let Some(refusal) = refused_by_yama() {
        return (refusal, None);
    }
    let mut failure = io::Error::from(io::ErrorKind::Unsupported);
    for candidate in mode::candidates(Mode::Auto) {
        let (caught, name) = match candidate {
            Mode::Trace => (filter::RET_TRACE, "trace"),
            Mode::Attach => (filter::RET_USER_NOTIF, "attach"),
            _ => (filter::RET_USER_NOTIF, "notify"),
        };
        match try_filter(caught) {
            Ok(()) => return (Availability { usable: true, ..Availability::default() }, Some(name)),
            Err(error) => failure = error,
        }
    }
    let (reason, hint) = explain(&failure);
    (Availability { usable: false, reason: Some(reason), hint }, None)
}

fn refused_by_yama() -> Option<Availability> {
    let scope = mode::ptrace_scope();
    if scope < 2 || (scope == 2 && !mode::needs_attaching()) {
        return None;
    }
    Some(Availability {
        usable: false,
        reason: Some(format!(
            "the system lets no ordinary process look into another: kernel.yama.ptrace_scope is {scope}"
        )),
        hint: Some(match scope {
            2 => "sudo sysctl kernel.yama.ptrace_scope=1".to_owned(),
            _ => "choose another tracer, or restart the machine with kernel.yama.ptrace_scope=1".to_owned(),
        }),
    })
}

fn explain(error: &io::Error) -> (String, Option<String>) {
    let hint = match error.raw_os_error() {
        Some(libc::ENOSYS | libc::EINVAL) => {
            Some("the kernel needs seccomp filters (CONFIG_SECCOMP_FILTER)".to_owned())
        }
        Some(libc::EPERM | libc::EACCES) => {
            Some("in a container: allow ptrace, for example with `--cap-add SYS_PTRACE`".to_owned())
        }
        _ => None,
    };
    (format!("cannot look into a process under a seccomp filter: {error}"), hint)
}

/// Forks a child that installs the filter, and looks into it from outside.
fn try_filter(caught: u32) -> io::Result<()> {
    let program = filter::program(caught, false);
    let (ours, theirs) = roar_launch::descriptors::socket_pair()?;
    // SAFETY: this program has one thread.
    let process = match unsafe { spawn::fork(false) }? {
        Side::Child => {
            let errno = match filter::install(&program, caught == filter::RET_USER_NOTIF) {
                Ok(_) => 0,
                Err(error) => error.raw_os_error().unwrap_or(libc::EIO),
            };
            let _ = spawn::send(std::os::fd::AsRawFd::as_raw_fd(&theirs), &errno.to_le_bytes(), None);
            drop(ours);
            let _ = spawn::receive(&theirs, 1, 0);
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(0) }
        }
        Side::Parent(process) => process,
    };
    drop(theirs);
    let message = spawn::receive(&ours, 4, 0)?;
    let errno = message.bytes.try_into().map_or(libc::EIO, i32::from_le_bytes);
    let visible = procfs::fingerprint(process).is_some();
    drop(ours);
    // SAFETY: waits for a child of ours.
    unsafe { libc::waitpid(process, std::ptr::null_mut(), 0) };
    match errno {
        0 if visible => Ok(()),
        0 => Err(io::Error::from_raw_os_error(libc::EPERM)),
        errno => Err(io::Error::from_raw_os_error(errno)),
    }
}
