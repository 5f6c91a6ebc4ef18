//! Thin wrappers round the system calls that path resolution needs. Paths are plain bytes. What systems have in different
//! ways is in a file for each.

#[cfg(not(target_os = "macos"))]
#[path = "linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod system;

use crate::identity::Status;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
pub use system::*;

pub type Result<T> = std::result::Result<T, Errno>;

/// An error number of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    pub fn last() -> Errno {
        Errno(io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }
}

impl From<Errno> for io::Error {
    fn from(errno: Errno) -> io::Error {
        io::Error::from_raw_os_error(errno.0)
    }
}

/// The result of a C call that reports failure as -1.
pub fn check(result: libc::c_int) -> Result<libc::c_int> {
    if result < 0 {
        Err(Errno::last())
    } else {
        Ok(result)
    }
}

/// Calls `use_path` with the path and a closing NUL; short paths are copied to the stack.
fn with_path<T>(path: &[u8], use_path: impl FnOnce(*const libc::c_char) -> T) -> T {
    const SHORT: usize = 384;
    if path.len() < SHORT {
        let mut buffer = [MaybeUninit::<u8>::uninit(); SHORT];
        // SAFETY: the buffer has room for the path and one byte more, and does not overlap it.
        unsafe {
            let start = buffer.as_mut_ptr().cast::<u8>();
            start.copy_from_nonoverlapping(path.as_ptr(), path.len());
            start.add(path.len()).write(0);
        }
        use_path(buffer.as_ptr().cast())
    } else {
        let terminated = [path, b"\0"].concat();
        use_path(terminated.as_ptr().cast())
    }
}

/// `fstatat(2)`; `flags` as there.
pub fn stat_at(directory: RawFd, path: &[u8], flags: i32) -> Result<Status> {
    let mut buffer = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the path is NUL-terminated and the buffer is large enough for what the kernel writes.
    check(with_path(path, |path| unsafe { libc::fstatat(directory, path, buffer.as_mut_ptr(), flags) }))?;
    // SAFETY: the call succeeded, so the buffer was filled.
    Ok(Status::from(unsafe { buffer.assume_init_ref() }))
}

/// `openat(2)` without creation, always close-on-exec.
pub fn open_at(directory: RawFd, path: &[u8], flags: i32) -> Result<OwnedFd> {
    // SAFETY: the path is NUL-terminated; without O_CREAT no mode is read.
    let descriptor =
        check(with_path(path, |path| unsafe { libc::openat(directory, path, flags | libc::O_CLOEXEC) }))?;
    // SAFETY: the kernel has just handed this descriptor to us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// The text of a symbolic link, read into `buffer`.
pub fn read_link_at<'a>(directory: RawFd, path: &[u8], buffer: &'a mut [u8]) -> Result<&'a [u8]> {
    // SAFETY: the path is NUL-terminated and the kernel writes at most the length it is given.
    let length = with_path(path, |path| unsafe {
        libc::readlinkat(directory, path, buffer.as_mut_ptr().cast::<libc::c_char>(), buffer.len())
    });
    if length < 0 {
        return Err(Errno::last());
    }
    let length = length as usize;
    if length == buffer.len() {
        return Err(Errno(libc::ENAMETOOLONG));
    }
    Ok(&buffer[..length])
}

/// Nanoseconds since 1970 (CLOCK_REALTIME).
pub fn now_ns() -> u64 {
    clock(libc::CLOCK_REALTIME)
}

/// Milliseconds of a clock that never goes back, cheap and coarse enough for cache ages.
pub fn coarse_ms() -> u64 {
    clock(system::MONOTONIC_COARSE) / 1_000_000
}

fn clock(which: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec.
    unsafe { libc::clock_gettime(which, &mut time) };
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}
