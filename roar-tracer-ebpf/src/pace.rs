//! When the ring is looked at: at once while events are few, so that a file can be held that is about to go; by a timer
//! while they are many, since the job pays for each time that it wakes the tracer.

use crate::budget::Budget;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Times that the job may wake the tracer in a row, and how long it takes to be granted one more.
const WAKES: u64 = 64;
const WAKE_US: u64 = 4000;
const WAIT_NS: libc::c_long = 1_000_000;

pub struct Pace {
    timer: OwnedFd,
    wakes: Budget,
    is_timed: bool,
}

impl Pace {
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
        Ok(Pace { timer, wakes: Budget::new(WAKES, WAKE_US), is_timed: false })
    }

    /// What to wait for until the ring is to be looked at again; `None`: the ring itself.
    pub fn descriptor(&self) -> Option<RawFd> {
        self.is_timed.then(|| self.timer.as_raw_fd())
    }

    /// The ring has been emptied. Whether the next event is to wake us; if not, the timer does.
    pub fn next(&mut self, news: bool, now_ns: u64) -> bool {
        self.is_timed = news && !self.wakes.take(now_ns) && self.arm();
        !self.is_timed
    }

    fn arm(&self) -> bool {
        let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let value = libc::timespec { tv_nsec: WAIT_NS, ..zero };
        let setting = libc::itimerspec { it_interval: zero, it_value: value };
        // SAFETY: the setting is alive for the call.
        unsafe { libc::timerfd_settime(self.timer.as_raw_fd(), 0, &setting, std::ptr::null_mut()) == 0 }
    }
}
