//! When the ring is looked at: no writer wakes the tracer, so it comes by itself, more often while there is news.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_micros(500);
const LONGEST: Duration = Duration::from_millis(32);

pub struct Pace {
    wait: Duration,
}

impl Pace {
    pub fn new() -> Pace {
        Pace { wait: SHORTEST }
    }

    /// How long to wait now, shorter or longer, as there was news or not.
    pub fn next(&mut self, news: bool) -> Duration {
        self.wait = if news { SHORTEST } else { (self.wait * 2).min(LONGEST) };
        self.wait
    }
}
