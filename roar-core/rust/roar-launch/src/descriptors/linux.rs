//! What Linux does in one call.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// As many files as this process asks for at most.
pub(super) const MOST_OPEN: libc::rlim_t = 65536;

/// A connected pair of stream sockets, close-on-exec.
pub fn socket_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut pair = [-1; 2];
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;
    // SAFETY: the array has room for two descriptors.
    if unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, pair.as_mut_ptr()) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just handed both descriptors to us alone.
    Ok(unsafe { (OwnedFd::from_raw_fd(pair[0]), OwnedFd::from_raw_fd(pair[1])) })
}

/// All open descriptors of this process.
pub fn open_descriptors() -> Vec<RawFd> {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return vec![0, 1, 2] };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// Puts a copy of a descriptor in place of another one, close-on-exec.
pub(super) fn copy_onto(from: RawFd, to: RawFd) {
    // SAFETY: a plain system call on descriptor numbers.
    unsafe { libc::dup3(from, to, libc::O_CLOEXEC) };
}
