//! The listener of a seccomp user notification filter.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// A call that waits for our answer (`struct seccomp_notif`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Notification {
    pub id: u64,
    pub thread: u32,
    pub flags: u32,
    pub number: i32,
    pub audit: u32,
    pub instruction: u64,
    pub arguments: [u64; 6],
}

#[repr(C)]
struct Response {
    id: u64,
    value: i64,
    error: i32,
    flags: u32,
}

const RECEIVE: u64 = 0xc050_2100;
const SEND: u64 = 0xc018_2101;
const SET_FLAGS: u64 = 0x4008_2104;
const SYNC_WAKE_UP: u64 = 1;
const FLAG_CONTINUE: u32 = 1;

pub struct Listener {
    descriptor: OwnedFd,
}

impl Listener {
    pub fn new(descriptor: OwnedFd) -> Listener {
        // Linux 6.6: the tracer is woken on the CPU of the caller, which sleeps meanwhile: four times as fast.
        // SAFETY: the request takes its flags by value; older kernels refuse it.
        unsafe { libc::ioctl(descriptor.as_raw_fd(), SET_FLAGS as _, SYNC_WAKE_UP) };
        Listener { descriptor }
    }

    pub fn raw(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }

    /// The next waiting call. Blocks unless the descriptor is readable; an error means that the caller has died.
    pub fn receive(&self) -> io::Result<Notification> {
        let mut notification = Notification::default();
        // SAFETY: the kernel fills a zeroed structure of the size that the request encodes.
        if unsafe { libc::ioctl(self.raw(), RECEIVE as _, &mut notification) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(notification)
    }

    /// Makes the caller ask again, after a stop that it is about to make (PTRACE_INTERRUPT).
    pub fn restart(&self, id: u64) {
        const ERESTARTNOINTR: i32 = 513;
        let mut response = Response { id, value: 0, error: -ERESTARTNOINTR, flags: 0 };
        // SAFETY: the structure has the size that the request encodes.
        unsafe { libc::ioctl(self.raw(), SEND as _, &mut response) };
    }

    /// Lets the call go on. The caller may have died: nothing is lost then.
    pub fn proceed(&self, id: u64) {
        let mut response = Response { id, value: 0, error: 0, flags: FLAG_CONTINUE };
        // SAFETY: the structure has the size that the request encodes.
        unsafe { libc::ioctl(self.raw(), SEND as _, &mut response) };
    }
}
