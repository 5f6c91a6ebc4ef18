//! What macOS does in several calls: this program has one thread, so that nobody runs a program in between.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// As many files as this process asks for at most: setrlimit(2) refuses more than OPEN_MAX.
pub(super) const MOST_OPEN: libc::rlim_t = 10240;

/// A connected pair of stream sockets, close-on-exec. Writing to one whose other end has gone raises no signal.
pub fn socket_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut pair = [-1; 2];
    // SAFETY: the array has room for two descriptors.
    if unsafe { libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM, 0, pair.as_mut_ptr()) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just handed both descriptors to us alone.
    let (one, other) = unsafe { (OwnedFd::from_raw_fd(pair[0]), OwnedFd::from_raw_fd(pair[1])) };
    for socket in [&one, &other] {
        close_on_exec(socket.as_raw_fd())?;
        raise_no_signal(socket.as_raw_fd())?;
    }
    Ok((one, other))
}

fn close_on_exec(descriptor: RawFd) -> io::Result<()> {
    // SAFETY: a plain system call.
    if unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn raise_no_signal(socket: RawFd) -> io::Result<()> {
    let yes: libc::c_int = 1;
    let size = size_of_val(&yes) as libc::socklen_t;
    let value = std::ptr::addr_of!(yes).cast();
    // SAFETY: the value is alive for the call and as long as is said.
    if unsafe { libc::setsockopt(socket, libc::SOL_SOCKET, libc::SO_NOSIGPIPE, value, size) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// All open descriptors of this process.
pub fn open_descriptors() -> Vec<RawFd> {
    let Ok(entries) = std::fs::read_dir("/dev/fd") else { return vec![0, 1, 2] };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// Puts a copy of a descriptor in place of another one, close-on-exec.
pub(super) fn copy_onto(from: RawFd, to: RawFd) {
    // SAFETY: a plain system call on descriptor numbers.
    if unsafe { libc::dup2(from, to) } >= 0 {
        let _ = close_on_exec(to);
    }
}
