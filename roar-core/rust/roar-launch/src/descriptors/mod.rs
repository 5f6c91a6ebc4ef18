//! Keeping the tracer's descriptors and the job's apart.

#[cfg(not(target_os = "macos"))]
#[path = "linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod system;

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use system::{copy_onto, MOST_OPEN};
pub use system::{open_descriptors, socket_pair};

/// Takes over an inherited descriptor and keeps it from the job.
pub fn adopt(descriptor: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: fcntl on a number is harmless; it fails if nothing is open there.
    if unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the command line says that this descriptor is ours.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Puts /dev/null where a standard descriptor is closed, so that nothing of ours gets its number. The job finds it
/// closed again.
pub fn fill_standard() {
    loop {
        // SAFETY: plain system calls.
        let lowest = unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
        if lowest > 2 {
            // SAFETY: the descriptor is ours.
            unsafe { libc::close(lowest) };
        }
        if !(0..=2).contains(&lowest) {
            return;
        }
    }
}

/// Puts /dev/null in place of the descriptors that belong to the job: its pipes and terminal must not be held open.
pub fn release(descriptors: &[RawFd]) {
    // SAFETY: plain system calls on descriptor numbers.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC);
        for &descriptor in descriptors {
            if descriptor > 2 {
                libc::close(descriptor);
            } else if null >= 0 && null != descriptor {
                copy_onto(null, descriptor);
            }
        }
        if null > 2 {
            libc::close(null);
        }
    }
}

/// Makes room for all the descriptors that this process is likely to have, as long as it has one thread: where threads
/// share the table of descriptors, the kernel lets it grow only after all processors have taken note, 20 ms later.
pub fn make_room() {
    const LIKELY: u64 = 1024;
    let highest = limit().rlim_cur.min(LIKELY) as libc::c_int - 1;
    // SAFETY: the copy of a standard descriptor is ours, and closed again.
    unsafe {
        let copy = libc::fcntl(0, libc::F_DUPFD_CLOEXEC, highest);
        if copy >= 0 {
            libc::close(copy);
        }
    }
}

/// Lets this process open as many files as it may.
pub fn raise_limit() {
    let limit = limit();
    let raised = libc::rlimit { rlim_cur: limit.rlim_max.min(MOST_OPEN).max(limit.rlim_cur), ..limit };
    // SAFETY: the pointer is to a live rlimit structure.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raised) };
}

/// How many files this process may open.
fn limit() -> libc::rlimit {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a live rlimit structure.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    limit
}
