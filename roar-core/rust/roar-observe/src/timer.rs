//! A timer that an event loop can wait for.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

pub struct Timer {
    descriptor: OwnedFd,
}

impl Timer {
    /// A timer that does not go off until it is set.
    pub fn new() -> io::Result<Timer> {
        let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
        // SAFETY: a plain system call; the descriptor is new and ours alone.
        unsafe {
            let descriptor = libc::timerfd_create(libc::CLOCK_MONOTONIC, flags);
            if descriptor < 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(Timer { descriptor: OwnedFd::from_raw_fd(descriptor) })
        }
    }

    /// Readable once it has gone off, until it is set again.
    pub fn descriptor(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }

    /// Goes off once, after so many nanoseconds (less than a second, more than none); whether it could be set.
    pub fn set(&self, nanoseconds: u64) -> bool {
        let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let value = libc::timespec { tv_nsec: nanoseconds as libc::c_long, ..zero };
        let setting = libc::itimerspec { it_interval: zero, it_value: value };
        // SAFETY: the setting is alive for the call.
        unsafe { libc::timerfd_settime(self.descriptor(), 0, &setting, std::ptr::null_mut()) == 0 }
    }
}
