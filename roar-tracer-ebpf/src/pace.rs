//! When the ring is looked at: at once while events are few, so that a file can be held that is about to go; by a timer
//! while they are many, since the job pays for each time that it wakes the tracer.

use crate::budget::Budget;
use roar_observe::timer::Timer;
use std::io;
use std::os::fd::RawFd;

/// Times that the job may wake the tracer in a row, and how long it takes to be granted one more.
const WAKES: u64 = 64;
const WAKE_US: u64 = 4000;
const WAIT_NS: u64 = 1_000_000;

pub struct Pace {
    timer: Timer,
    wakes: Budget,
    is_timed: bool,
}

impl Pace {
    pub fn new() -> io::Result<Pace> {
        Ok(Pace { timer: Timer::new()?, wakes: Budget::new(WAKES, WAKE_US), is_timed: false })
    }

    /// What to wait for until the ring is to be looked at again; `None`: the ring itself.
    pub fn descriptor(&self) -> Option<RawFd> {
        self.is_timed.then(|| self.timer.descriptor())
    }

    /// The ring has been emptied. Whether the next event is to wake us; if not, the timer does.
    pub fn next(&mut self, news: bool, now_ns: u64) -> bool {
        self.is_timed = news && !self.wakes.take(now_ns) && self.timer.set(WAIT_NS);
        !self.is_timed
    }
}
