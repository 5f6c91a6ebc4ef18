//! The stand-alone front: what `roar` is for a recorded run, for a tracer that is started by hand.
//!
//! It is the job's parent, passes on signals that are sent to it alone, stops when the job stops, and ends as the
//! job ended.

#[cfg(not(target_os = "macos"))]
#[path = "linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod system;

use crate::outcome::Outcome;
use serde_json::Value;
use std::io::Read;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
pub use system::run;

/// How long a signal may take to reach the tracer too, if it was sent to the whole group.
const WITNESS_TIME: Duration = Duration::from_millis(20);
const NO_TRACER: i32 = 125;

struct Front {
    /// The process that was started as the tracer. On macOS it becomes the job.
    tracer: i32,
    control: UnixStream,
    unread: Vec<u8>,
    job: Option<i32>,
    outcome: Option<Outcome>,
    closed: bool,
    hung_up: bool,
    refused: bool,
    witnessed: Vec<i32>,
    /// Signals that may have been sent to us alone.
    doubtful: Vec<(i32, Instant)>,
}

fn fail(message: &str) -> ! {
    eprintln!("roar: {message}");
    std::process::exit(NO_TRACER)
}

impl Front {
    fn new(tracer: i32, control: OwnedFd) -> Front {
        let control = UnixStream::from(control);
        let _ = control.set_nonblocking(true);
        Front {
            tracer,
            control,
            unread: Vec::new(),
            job: None,
            outcome: None,
            closed: false,
            hung_up: false,
            refused: false,
            witnessed: Vec::new(),
            doubtful: Vec::new(),
        }
    }

    /// The descriptor to listen to; -1 if nobody speaks there any more.
    fn control(&self) -> RawFd {
        if self.hung_up {
            -1
        } else {
            self.control.as_raw_fd()
        }
    }

    fn patience(&self) -> Option<u64> {
        let oldest = self.doubtful.first()?.1;
        Some(WITNESS_TIME.saturating_sub(oldest.elapsed()).as_millis() as u64 + 1)
    }

    fn read_events(&mut self) {
        let mut buffer = [0u8; 4096];
        while !self.hung_up {
            match self.control.read(&mut buffer) {
                Ok(0) => self.hung_up = true,
                Ok(count) => self.unread.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(_) => self.hung_up = true,
            }
        }
        while let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.unread.drain(..=end).collect();
            if let Ok(event) = serde_json::from_slice(&line) {
                self.on_event(&event);
            }
        }
    }

    fn on_event(&mut self, event: &Value) {
        let number = |key: &str| event[key].as_i64().unwrap_or(0) as i32;
        match event["event"].as_str().unwrap_or("") {
            "started" => self.job = Some(number("pid")),
            "signal" => self.witnessed.push(number("signal")),
            "warning" => eprintln!("roar: warning: {}", event["text"].as_str().unwrap_or("")),
            "closed" => self.closed = true,
            "exec_failed" => {
                let reason = std::io::Error::from_raw_os_error(number("errno")).to_string();
                let reason = reason.split(" (os error").next().unwrap_or("").to_lowercase();
                eprintln!("roar: cannot run: `{}`: {reason}", event["path"].as_str().unwrap_or(""));
            }
            "failed" => {
                self.refused = true;
                eprintln!("roar: cannot trace: {}", event["reason"].as_str().unwrap_or(""));
                if let Some(hint) = event["hint"].as_str() {
                    eprintln!("hint: {hint}");
                }
            }
            _ => {}
        }
    }

    fn forward_doubtful(&mut self) {
        let (witnessed, job) = (&mut self.witnessed, self.job);
        self.doubtful.retain(|&(signal, since)| {
            if let Some(index) = witnessed.iter().position(|&seen| seen == signal) {
                witnessed.swap_remove(index);
                return false;
            }
            let wait_on = since.elapsed() < WITNESS_TIME || job.is_none();
            if let (false, Some(job)) = (wait_on, job) {
                // SAFETY: the job is our child and has not been reaped while `job` names it.
                unsafe { libc::kill(job, signal) };
            }
            wait_on
        });
        if self.doubtful.is_empty() {
            self.witnessed.clear();
        }
    }

    fn send(&self, signal: i32) {
        if let (Some(job), None) = (self.job, self.outcome) {
            // SAFETY: the job is our child and has not been reaped.
            unsafe { libc::kill(job, signal) };
        }
    }

    fn reap(&mut self) {
        if let (Some(job), None) = (self.job, self.outcome) {
            let mut status = 0;
            // SAFETY: waits for a child of ours, the status is written to a live variable.
            while unsafe { libc::waitpid(job, &mut status, libc::WNOHANG | libc::WUNTRACED) } == job {
                if libc::WIFSTOPPED(status) {
                    // Our parent must see us stop as it would see the job stop.
                    // SAFETY: a plain system call; we run on after SIGCONT.
                    unsafe { libc::kill(libc::getpid(), libc::SIGSTOP) };
                    self.send(libc::SIGCONT);
                } else {
                    self.outcome = Some(Outcome::from_wait_status(status));
                    break;
                }
            }
        }
        if self.tracer > 0 {
            let mut status = 0;
            // SAFETY: as above.
            if unsafe { libc::waitpid(self.tracer, &mut status, libc::WNOHANG) } == self.tracer {
                let ended = std::mem::take(&mut self.tracer);
                self.read_events();
                if self.job == Some(ended) {
                    self.outcome = Some(Outcome::from_wait_status(status));
                } else {
                    self.hung_up = true;
                }
            }
        }
    }

    fn end_if_over(&mut self) {
        if self.job.is_none() && (self.tracer == 0 || self.refused) {
            if !self.refused {
                fail("the tracer has failed before the command was started");
            }
            std::process::exit(NO_TRACER);
        }
        let Some(outcome) = self.outcome else { return };
        if self.closed || self.hung_up {
            if !self.closed {
                eprintln!("roar: warning: the tracer has failed: the report is incomplete");
            }
            outcome.repeat();
        }
    }
}
