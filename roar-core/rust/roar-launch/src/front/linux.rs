//! The front's loop on Linux, where a signal says who has sent it.

use super::{fail, Front};
use crate::{signals, wait};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Instant;

/// Raised by the program itself; nobody sends them.
const SYNCHRONOUS: [i32; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGSYS];

/// Plays the front until the job is over and its report closed; ends the process as the job ended.
pub fn run(tracer: i32, control: OwnedFd) -> ! {
    let passed_on: Vec<i32> =
        (1..=31).filter(|signal| !SYNCHRONOUS.contains(signal) && !uncatchable(*signal)).collect();
    let signals = match signals::descriptor_for(&passed_on) {
        Ok(signals) => signals,
        Err(error) => fail(&format!("cannot watch signals: {error}")),
    };
    let mut front = Front::new(tracer, control);
    loop {
        let mut ready = [wait::readable(signals.as_raw_fd()), wait::readable(front.control())];
        wait::poll(&mut ready, front.patience());
        // The witness first: it decides what a signal means.
        front.read_events();
        while let Some(information) = signals::next(&signals) {
            front.on_signal(&information);
        }
        front.forward_doubtful();
        front.reap();
        front.end_if_over();
    }
}

fn uncatchable(signal: i32) -> bool {
    signal == libc::SIGKILL || signal == libc::SIGSTOP
}

impl Front {
    fn on_signal(&mut self, information: &libc::signalfd_siginfo) {
        let signal = information.ssi_signo as i32;
        match signal {
            libc::SIGCHLD => {}
            // A stop from the terminal reaches the job itself; we follow when it has stopped.
            libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU if information.ssi_code > 0 => {}
            libc::SIGCONT => self.send(signal),
            // From the kernel (the terminal): the whole group has it.
            _ if information.ssi_code > 0 => {}
            _ if !signals::WITNESSED.contains(&signal) => self.send(signal),
            _ => self.doubtful.push((signal, Instant::now())),
        }
    }
}
