//! Waiting for descriptors.

use std::os::fd::RawFd;

/// Polls; `None` waits for ever. An interruption counts as nothing ready.
pub fn poll(descriptors: &mut [libc::pollfd], timeout_ms: Option<u64>) {
    for descriptor in descriptors.iter_mut() {
        descriptor.revents = 0;
    }
    let timeout = timeout_ms.map_or(-1, |ms| ms.min(i32::MAX as u64) as i32);
    // SAFETY: the pointer and length describe a live slice.
    unsafe { libc::poll(descriptors.as_mut_ptr(), descriptors.len() as libc::nfds_t, timeout) };
}

/// An entry for `poll`; a negative descriptor is passed over.
pub fn readable(descriptor: RawFd) -> libc::pollfd {
    libc::pollfd { fd: descriptor, events: libc::POLLIN, revents: 0 }
}
