//! When the ring is looked at: no writer wakes the tracer, so it comes by itself, more often while there is news.

use roar_observe::timer::Timer;
use std::io;
use std::os::fd::RawFd;

const SHORTEST_US: u64 = 500;
const LONGEST_US: u64 = 32_000;

pub struct Pace {
    timer: Timer,
    wait_us: u64,
}

impl Pace {
    /// Goes off at once.
    pub fn new() -> io::Result<Pace> {
        let pace = Pace { timer: Timer::new()?, wait_us: SHORTEST_US };
        pace.timer.set(1);
        Ok(pace)
    }

    pub fn descriptor(&self) -> RawFd {
        self.timer.descriptor()
    }

    /// Goes off sooner or later, as there was news or not.
    pub fn next(&mut self, news: bool) {
        self.wait_us = if news { SHORTEST_US } else { (self.wait_us * 2).min(LONGEST_US) };
        self.timer.set(self.wait_us * 1000);
    }
}
