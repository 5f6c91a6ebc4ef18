//! When the ring is looked at: no writer wakes the tracer, so it comes by itself, more often while there is news.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

const SHORTEST_US: u64 = 500;
const LONGEST_US: u64 = 32_000;

/// A timer.
pub struct Pace {
    timer: OwnedFd,
    wait_us: u64,
}

impl Pace {
    /// A timer that goes off at once.
    pub fn new() -> io::Result<Pace> {
        let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
        // SAFETY: a plain system call; the descriptor is new and ours alone.
        let timer = unsafe {
            let descriptor = libc::timerfd_create(libc::CLOCK_MONOTONIC, flags);
            if descriptor < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(descriptor)
        };
        let pace = Pace { timer, wait_us: SHORTEST_US };
        pace.arm(1);
        Ok(pace)
    }

    pub fn descriptor(&self) -> RawFd {
        self.timer.as_raw_fd()
    }

    /// Goes off sooner or later, as there was news or not.
    pub fn next(&mut self, news: bool) {
        self.wait_us = if news { SHORTEST_US } else { (self.wait_us * 2).min(LONGEST_US) };
        self.arm(self.wait_us * 1000);
    }

    fn arm(&self, nanoseconds: u64) {
        let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let value = libc::timespec { tv_nsec: nanoseconds as libc::c_long, ..zero };
        let setting = libc::itimerspec { it_interval: zero, it_value: value };
        // SAFETY: the setting is alive for the call.
        unsafe { libc::timerfd_settime(self.timer.as_raw_fd(), 0, &setting, std::ptr::null_mut()) };
    }
}
