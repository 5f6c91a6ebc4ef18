//! Two files in memory, which are found through /proc.

use super::{make_ring, without_limit};
use roar_preload::ring::{Ring, MAGIC};
use std::ffi::CStr;
use std::io::{self, Write};
use std::os::fd::{FromRawFd, OwnedFd};

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

/// The library, as the loader is to find it.
pub fn library() -> io::Result<OwnedFd> {
    let file = create(c"libroar_preload.so")?;
    without_limit(|| std::fs::File::from(file.try_clone()?).write_all(LIBRARY))?;
    Ok(file)
}

/// A ring for at least so many bytes of events, and its mapping.
pub fn ring(bytes: u64) -> io::Result<(OwnedFd, Ring)> {
    let file = create(c"roar-ring")?;
    let ring = make_ring(&file, bytes)?;
    Ok((file, ring))
}

pub(super) fn random_key() -> u64 {
    let mut key = MAGIC ^ u64::from(std::process::id());
    // SAFETY: the kernel writes at most the length given. Without its help the key is merely easier to guess.
    unsafe { libc::getrandom(std::ptr::addr_of_mut!(key).cast(), 8, libc::GRND_NONBLOCK) };
    key
}
