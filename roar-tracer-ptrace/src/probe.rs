//! `--probe`: whether this tracer can work here, found out by trying.

use crate::{filter, procfs};
use roar_launch::probe::Availability;
use roar_launch::spawn::{self, Side};
use std::io;

/// Forks a child that installs the filter, and looks into it from outside.
pub fn availability() -> Availability {
    match try_filter() {
        Ok(()) => Availability { usable: true, ..Availability::default() },
        Err(error) => {
            let (reason, hint) = explain(&error);
            Availability { usable: false, reason: Some(reason), hint }
        }
    }
}

fn explain(error: &io::Error) -> (String, Option<String>) {
    let hint = match error.raw_os_error() {
        Some(libc::EBUSY) => "another seccomp listener watches this process: run outside that sandbox",
        Some(libc::ENOSYS) => "the kernel was built without seccomp filters",
        Some(libc::EINVAL) => "Linux 5.19 or later is needed",
        Some(libc::EPERM) => "in a container: allow ptrace, for example with `--cap-add SYS_PTRACE`",
        _ => return (format!("cannot install a seccomp filter: {error}"), None),
    };
    (format!("cannot install a seccomp filter: {error}"), Some(hint.to_owned()))
}

fn try_filter() -> io::Result<()> {
    let program = filter::program(filter::RET_USER_NOTIF, false);
    let (ours, theirs) = roar_launch::descriptors::socket_pair()?;
    // SAFETY: this program has one thread.
    let process = match unsafe { spawn::fork(false) }? {
        Side::Child => {
            let errno = match filter::install(&program, true) {
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
