//! The front's loop on macOS, where a signal does not say who has sent it: each is passed on unless the tracer has seen it
//! too.

use super::{fail, Front};
use crate::kqueue::{Event, Kqueue};
use crate::signals;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// Plays the front of a process that becomes the job, until that is over and its report closed; ends the process as the
/// job ended.
pub fn run(process: i32, control: OwnedFd) -> ! {
    let mut front = Front::new(process, control);
    let queue = match prepare(&front) {
        Ok(queue) => queue,
        Err(error) => fail(&format!("cannot watch signals: {error}")),
    };
    loop {
        let events = queue.wait(front.patience().map(Duration::from_millis));
        // The witness first: it decides what a signal means.
        front.read_events();
        for event in events {
            if let Event::Signal(signal) = event {
                front.on_signal(signal);
            }
        }
        front.forward_doubtful();
        front.reap();
        front.end_if_over();
    }
}

fn prepare(front: &Front) -> std::io::Result<Kqueue> {
    let queue = Kqueue::new()?;
    queue.watch_readable(front.control())?;
    // Its default is to be ignored; to ignore it would make children vanish.
    queue.watch_signal(libc::SIGCHLD)?;
    signals::watch(&queue, &signals::WITNESSED)?;
    signals::ignore_stops();
    Ok(queue)
}

impl Front {
    fn on_signal(&mut self, signal: i32) {
        if signal != libc::SIGCHLD {
            self.doubtful.push((signal, Instant::now()));
        }
    }
}
