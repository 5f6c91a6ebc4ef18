//! The library and the ring, as files that the job's programs open.

#[cfg(not(target_os = "macos"))]
#[path = "linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod system;

use roar_preload::ring::{Ring, HEADER_BYTES, LEAST_BYTES};
use std::io;
use std::os::fd::AsRawFd;
pub use system::*;

/// Runs `work` with as large a limit on the size of files as may be set: these are files only to the kernel.
fn without_limit<T>(work: impl FnOnce() -> T) -> T {
    let mut own = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointers are to live rlimit structures.
    unsafe {
        libc::getrlimit(libc::RLIMIT_FSIZE, &mut own);
        libc::setrlimit(libc::RLIMIT_FSIZE, &libc::rlimit { rlim_cur: own.rlim_max, ..own });
        let result = work();
        libc::setrlimit(libc::RLIMIT_FSIZE, &own);
        result
    }
}

/// Makes an empty file a ring for at least so many bytes of events, and maps it.
fn make_ring(file: &impl AsRawFd, bytes: u64) -> io::Result<Ring> {
    let bytes = bytes.clamp(LEAST_BYTES as u64, 1 << 32).next_power_of_two();
    let whole = HEADER_BYTES as u64 + bytes;
    // SAFETY: plain system calls; the mapping is new, and stays for the rest of this process.
    unsafe {
        if without_limit(|| libc::ftruncate(file.as_raw_fd(), whole as libc::off_t)) < 0 {
            return Err(io::Error::last_os_error());
        }
        let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        let start = libc::mmap(std::ptr::null_mut(), whole as usize, access, flags, file.as_raw_fd(), 0);
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ring::create(start.cast(), bytes, random_key())
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
    }
}
