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
    /// When the timer goes off that is waited for.
    due_ns: Option<u64>,
}

impl Pace {
    pub fn new() -> io::Result<Pace> {
        Ok(Pace { timer: Timer::new()?, wakes: Budget::new(WAKES, WAKE_US), due_ns: None })
    }

    /// What to wait for until the ring is to be looked at again; `None`: the ring itself.
    pub fn descriptor(&self) -> Option<RawFd> {
        self.due_ns.map(|_| self.timer.descriptor())
    }

    /// The ring has been emptied. Whether the next event is to wake us; if not, the timer does. (One that is running
    /// is left to: the ring is also looked at for other reasons than its own.)
    pub fn next(&mut self, news: bool, now_ns: u64) -> bool {
        if self.due_ns.is_none_or(|due| due <= now_ns) {
            let is_timed = news && !self.wakes.take(now_ns) && self.timer.set(WAIT_NS);
            self.due_ns = is_timed.then_some(now_ns + WAIT_NS);
        }
        self.due_ns.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_timer_goes_on_when_the_ring_is_looked_at_before_it_is_due() {
        const NOW: u64 = 1_000_000_000;
        let mut pace = Pace::new().unwrap();
        let woken = (0..).take_while(|_| pace.next(true, NOW)).count() as u64;
        assert_eq!(woken, WAKES);
        for news in [false, true] {
            assert!(!pace.next(news, NOW + WAIT_NS - 1));
            assert!(pace.descriptor().is_some());
        }
        assert!(pace.next(false, NOW + WAIT_NS));
        assert!(pace.descriptor().is_none());
    }
}
