//! The ways of catching calls give the same record.
#![allow(clippy::unwrap_used)]

mod common;

use common::Scratch;
use std::os::unix::process::ExitStatusExt;

const MODES: [&str; 3] = ["notify", "attach", "trace"];

/// Which files of the folder were read and written.
fn accesses(scratch: &Scratch) -> Vec<(String, bool, bool)> {
    let folder = format!("{}/", scratch.0.to_str().unwrap());
    let lines = scratch.lines();
    let files = lines.iter().filter(|line| line["type"] == "file");
    let mut accesses: Vec<_> = files
        .filter_map(|line| {
            let name = line["path"].as_str()?.strip_prefix(&folder)?.to_owned();
            Some((name, line["read"] == true, line["written"] == true))
        })
        .collect();
    accesses.sort();
    accesses
}

#[test]
fn test_record_is_the_same_in_every_mode() {
    let script =
        "cat in | sort > mid; (cd sub; cp ../mid out; mv out final); exec sh -c 'cat sub/final; exit 3'";
    let mut records = Vec::new();
    for mode in MODES {
        let scratch = Scratch::new();
        std::fs::create_dir(scratch.path("sub")).unwrap();
        std::fs::write(scratch.path("in"), "x").unwrap();
        let output = scratch.tracer(&["--mode", mode], script).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{mode}");
        assert_eq!(output.stdout, b"x\n");
        assert_eq!(scratch.end()["level"], "kernel", "{mode}");
        let count = scratch.lines().iter().filter(|line| line["type"] == "process").count();
        records.push((accesses(&scratch), count));
    }
    let expected = [("in", true, false), ("mid", false, true), ("sub/final", false, true)];
    assert_eq!(records[0].0, expected.map(|(name, read, written)| (name.to_owned(), read, written)));
    assert_eq!(records[0], records[1]);
    assert_eq!(records[0], records[2]);
}

#[test]
fn test_signals_pass_in_every_mode() {
    for mode in MODES {
        let scratch = Scratch::new();
        let script = "trap 'echo usr1 >> seen' USR1; kill -USR1 $$; sh -c 'kill -TERM $$'; echo $? >> seen; kill -KILL $$";
        let status = scratch.tracer(&["--mode", mode], script).status().unwrap();
        assert_eq!(status.signal(), Some(libc::SIGKILL), "{mode}");
        assert_eq!(std::fs::read_to_string(scratch.path("seen")).unwrap(), "usr1\n143\n", "{mode}");
    }
}

#[test]
fn test_job_stops_and_continues_in_every_mode() {
    for mode in MODES {
        let scratch = Scratch::new();
        let mut front = scratch.tracer(&["--mode", mode], "kill -STOP $$; exit 8").spawn().unwrap();
        let pid = front.id() as i32;
        let mut status = 0;
        // SAFETY: waits for a child of ours, the status is written to a live variable.
        assert_eq!(unsafe { libc::waitpid(pid, &mut status, libc::WUNTRACED) }, pid);
        assert!(libc::WIFSTOPPED(status), "{mode}");
        common::send_signal(pid, libc::SIGCONT);
        assert_eq!(front.wait().unwrap().code(), Some(8), "{mode}");
    }
}

#[test]
fn test_job_dies_with_a_tracer_that_stops_it() {
    let scratch = Scratch::new();
    let script = "echo $$ > pid; while :; do sleep 0.01; done";
    let mut front = scratch.tracer(&["--mode", "trace"], script).spawn().unwrap();
    common::wait_for("the script", || scratch.path("pid").exists().then_some(()));
    common::send_signal(common::tracer_of(front.id() as i32), libc::SIGKILL);
    assert_eq!(front.wait().unwrap().signal(), Some(libc::SIGKILL));
}

#[test]
fn test_job_may_trace_where_calls_come_by_notification() {
    for mode in ["notify", "attach"] {
        let scratch = Scratch::new();
        std::fs::write(scratch.path("in"), "x").unwrap();
        let script = "strace -f -o /dev/null sh -c 'cat in > out'";
        let status = scratch.tracer(&["--mode", mode], script).status().unwrap();
        assert!(status.success(), "{mode}");
        assert_eq!(scratch.file("in").unwrap()["read"], true, "{mode}");
        assert_eq!(scratch.file("out").unwrap()["written"], true, "{mode}");
    }
}
