//! The control channel, as roar itself uses it.

#![allow(clippy::unwrap_used)]

mod common;

use common::{is_alive, wait_for, Scratch};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process::Child;

/// A tracer whose front is this test.
struct Front {
    tracer: Child,
    events: BufReader<UnixStream>,
}

impl Front {
    fn start(scratch: &Scratch, options: &[&str], script: &str) -> Front {
        let (ours, theirs) = UnixStream::pair().unwrap();
        // SAFETY: a plain system call: the tracer inherits this end.
        unsafe { libc::fcntl(theirs.as_raw_fd(), libc::F_SETFD, 0) };
        let number = theirs.as_raw_fd().to_string();
        let mut all = vec!["--control", &number];
        all.extend(options);
        let tracer = scratch.tracer(&all, script).spawn().unwrap();
        Front { tracer, events: BufReader::new(ours) }
    }

    fn event(&mut self) -> Value {
        let mut line = String::new();
        self.events.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or(Value::Null)
    }

    /// Waits for the command, which is a child of this process, not of the tracer.
    fn wait_for_command(&self, pid: i32) -> i32 {
        let mut status = 0;
        // SAFETY: waits for a child of ours, the status is written to a live variable.
        assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid);
        status
    }
}

#[test]
fn test_command_is_a_child_of_the_front() {
    let scratch = Scratch::new();
    let mut front = Front::start(&scratch, &[], "exit 5");
    let started = front.event();
    assert_eq!(started["event"], "started");
    let status = front.wait_for_command(started["pid"].as_i64().unwrap() as i32);
    assert_eq!(libc::WEXITSTATUS(status), 5);
    assert_eq!(front.event()["event"], "ended");
    assert_eq!(front.event()["event"], "closed");
    assert!(front.event().is_null());
    assert!(front.tracer.wait().unwrap().success());
    assert_eq!(scratch.end()["exit_code"], 5);
}

#[test]
fn test_signal_to_the_tracer_is_witnessed() {
    let scratch = Scratch::new();
    let mut front = Front::start(&scratch, &[], "until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done");
    let pid = front.event()["pid"].as_i64().unwrap() as i32;
    common::send_signal(front.tracer.id() as i32, libc::SIGTERM);
    let event = front.event();
    assert_eq!(event["event"], "signal");
    assert_eq!(event["signal"], libc::SIGTERM);
    assert_eq!(event["sender"], std::process::id());
    std::fs::write(scratch.path("go"), "x").unwrap();
    assert_eq!(front.wait_for_command(pid), 0);
}

#[test]
fn test_lost_front_takes_the_command_with_it() {
    let scratch = Scratch::new();
    let mut front = Front::start(&scratch, &[], "exec sleep 100");
    let pid = front.event()["pid"].as_i64().unwrap() as i32;
    drop(front.events);
    let mut status = 0;
    // SAFETY: as above.
    assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid);
    assert_eq!(libc::WTERMSIG(status), libc::SIGKILL);
    assert!(front.tracer.wait().unwrap().success());
    assert_eq!(scratch.end()["front_lost"], true);
}

#[test]
fn test_tracer_holds_none_of_the_jobs_descriptors() {
    let scratch = Scratch::new();
    let (reader, writer) = std::io::pipe().unwrap();
    let (ours, theirs) = UnixStream::pair().unwrap();
    // SAFETY: a plain system call: the tracer inherits this end.
    unsafe { libc::fcntl(theirs.as_raw_fd(), libc::F_SETFD, 0) };
    let number = theirs.as_raw_fd().to_string();
    let script = "exec >/dev/null; until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done";
    let mut tracer = scratch.tracer(&["--control", &number], script).stdout(writer).spawn().unwrap();
    // The pipe ends although the tracer runs on.
    assert_eq!(std::io::read_to_string(reader).unwrap(), "");
    assert!(is_alive(tracer.id() as i32));
    std::fs::write(scratch.path("go"), "x").unwrap();
    let mut line = String::new();
    BufReader::new(ours).read_line(&mut line).unwrap();
    let pid = serde_json::from_str::<Value>(&line).unwrap()["pid"].as_i64().unwrap() as i32;
    // SAFETY: waits for a child of ours.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
    tracer.wait().unwrap();
}

#[test]
fn test_lock_is_held_until_the_report_is_closed() {
    let scratch = Scratch::new();
    let lock = std::fs::File::create(scratch.path("lock")).unwrap();
    lock.lock().unwrap();
    // SAFETY: a plain system call: the tracer inherits the descriptor.
    unsafe { libc::fcntl(lock.as_raw_fd(), libc::F_SETFD, 0) };
    let number = lock.as_raw_fd().to_string();
    let script = "until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done; ls -l /proc/self/fd > seen";
    let mut front = Front::start(&scratch, &["--lock", &number], script);
    let pid = front.event()["pid"].as_i64().unwrap() as i32;
    drop(lock);
    let other = std::fs::File::open(scratch.path("lock")).unwrap();
    assert!(other.try_lock().is_err());
    std::fs::write(scratch.path("go"), "x").unwrap();
    front.wait_for_command(pid);
    front.tracer.wait().unwrap();
    wait_for("the lock", || other.try_lock().ok());
    let seen = std::fs::read_to_string(scratch.path("seen")).unwrap();
    assert!(!seen.contains("/lock"), "{seen}");
}
