//! The two files in memory that the job's programs open through /proc: the library and the ring.

use roar_preload::ring::{Ring, HEADER_BYTES, LEAST_BYTES, MAGIC};
use std::ffi::CStr;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

const LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/libroar_preload.so"));

/// A new file that no name leads to and that goes with its last user.
fn create(name: &CStr) -> io::Result<OwnedFd> {
    // SAFETY: a plain system call; the descriptor is new and ours alone.
    unsafe {
        let descriptor = libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC);
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(descriptor))
    }
}

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

/// The library, as the loader is to find it.
pub fn library() -> io::Result<OwnedFd> {
    let file = create(c"libroar_preload.so")?;
    without_limit(|| std::fs::File::from(file.try_clone()?).write_all(LIBRARY))?;
    Ok(file)
}

/// A ring for at least so many bytes of events, and its mapping.
pub fn ring(bytes: u64) -> io::Result<(OwnedFd, Ring)> {
    let bytes = bytes.clamp(LEAST_BYTES as u64, 1 << 32).next_power_of_two();
    let file = create(c"roar-ring")?;
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
        let ring = Ring::create(start.cast(), bytes, random_key());
        ring.map(|ring| (file, ring)).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
    }
}

fn random_key() -> u64 {
    let mut key = MAGIC ^ u64::from(std::process::id());
    // SAFETY: the kernel writes at most the length given. Without its help the key is merely easier to guess.
    unsafe { libc::getrandom(std::ptr::addr_of_mut!(key).cast(), 8, libc::GRND_NONBLOCK) };
    key
}
