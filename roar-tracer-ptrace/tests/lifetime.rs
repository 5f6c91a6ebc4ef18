//! Who outlives whom: fronts, tracers and commands that are killed or live on.

#![allow(clippy::unwrap_used)]

mod common;

use common::{is_alive, send_signal, tracer_of, wait_for, Scratch};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Stdio;

/// The number that a script writes to `pid`.
fn written_pid(scratch: &Scratch) -> i32 {
    wait_for("the script", || std::fs::read_to_string(scratch.path("pid")).ok()?.trim().parse().ok())
}

#[test]
fn test_command_dies_with_its_front() {
    let scratch = Scratch::new();
    let mut front = scratch.tracer(&[], "echo $$ > pid; exec sleep 100").spawn().unwrap();
    let command = written_pid(&scratch);
    wait_for("the sleep", || {
        std::fs::read_to_string(format!("/proc/{command}/comm")).ok().filter(|c| c == "sleep\n")
    });
    front.kill().unwrap();
    front.wait().unwrap();
    wait_for("the command's end", || (!is_alive(command)).then_some(()));
    let end = wait_for("the report", || {
        let text = std::fs::read_to_string(scratch.report()).ok()?;
        text.lines().last().filter(|line| line.contains("\"end\"")).map(str::to_owned)
    });
    assert!(end.contains("\"front_lost\":true"), "{end}");
}

#[test]
fn test_job_goes_on_unharmed_when_the_tracer_is_killed() {
    let scratch = Scratch::new();
    let script =
        "echo $$ > pid; until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done; cat go > seen; exit 6";
    let mut front = scratch.tracer(&[], script).stderr(Stdio::piped()).spawn().unwrap();
    written_pid(&scratch);
    send_signal(tracer_of(front.id() as i32), libc::SIGKILL);
    std::fs::write(scratch.path("go"), "x").unwrap();
    assert_eq!(front.wait().unwrap().code(), Some(6));
    assert_eq!(std::fs::read_to_string(scratch.path("seen")).unwrap(), "x");
    assert!(!std::fs::read_to_string(scratch.report()).unwrap().contains("\"end\""));
}

#[test]
fn test_wait_command_leaves_descendants_running_and_says_so() {
    let scratch = Scratch::new();
    let script =
        "setsid sh -c 'echo $$ > pid; until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done; echo x > late' >/dev/null 2>&1 &";
    let status = scratch.tracer(&["--wait", "command"], script).status().unwrap();
    assert!(status.success());
    assert_eq!(scratch.gaps(), ["left_running"]);
    assert_eq!(scratch.end()["level"], "partial");
    assert!(is_alive(written_pid(&scratch)));
    std::fs::write(scratch.path("go"), "x").unwrap();
    wait_for("what the descendant writes", || scratch.path("late").exists().then_some(()));
}

#[test]
fn test_wait_all_records_what_daemons_do() {
    let scratch = Scratch::new();
    let script = "setsid sh -c 'sleep 0.2; echo x > late' >/dev/null 2>&1 &";
    assert!(scratch.run(script).status.success());
    assert_eq!(scratch.file("late").unwrap()["written"], true);
    assert!(scratch.gaps().is_empty());
}

#[test]
fn test_signal_to_the_front_alone_reaches_the_command() {
    let scratch = Scratch::new();
    let script = "trap 'exit 9' TERM; echo $$ > pid; while :; do sleep 0.01; done";
    let mut front = scratch.tracer(&[], script).spawn().unwrap();
    written_pid(&scratch);
    send_signal(front.id() as i32, libc::SIGTERM);
    assert_eq!(front.wait().unwrap().code(), Some(9));
}

#[test]
fn test_signal_to_the_group_reaches_the_command_once() {
    let scratch = Scratch::new();
    let script = "trap 'echo hit >> hits' INT; echo $$ > pid; until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done";
    let mut command = scratch.tracer(&[], script);
    command.process_group(0);
    let mut front = command.spawn().unwrap();
    written_pid(&scratch);
    send_signal(-(front.id() as i32), libc::SIGINT);
    wait_for("the trap", || scratch.path("hits").exists().then_some(()));
    // A second, forwarded one would come within the witness time.
    std::thread::sleep(std::time::Duration::from_millis(60));
    std::fs::write(scratch.path("go"), "x").unwrap();
    front.wait().unwrap();
    assert_eq!(std::fs::read_to_string(scratch.path("hits")).unwrap(), "hit\n");
}

#[test]
fn test_front_stops_and_continues_with_the_command() {
    let scratch = Scratch::new();
    let mut front = scratch.tracer(&[], "echo $$ > pid; kill -STOP $$; exit 8").spawn().unwrap();
    let pid = front.id() as i32;
    let mut status = 0;
    // SAFETY: waits for a child of ours, the status is written to a live variable.
    assert_eq!(unsafe { libc::waitpid(pid, &mut status, libc::WUNTRACED) }, pid);
    assert!(libc::WIFSTOPPED(status));
    send_signal(pid, libc::SIGCONT);
    assert_eq!(front.wait().unwrap().code(), Some(8));
}

#[test]
fn test_front_ends_by_the_signal_that_ended_the_command() {
    let scratch = Scratch::new();
    let mut front = scratch.tracer(&[], "echo $$ > pid; exec sleep 100").spawn().unwrap();
    let command = written_pid(&scratch);
    send_signal(command, libc::SIGKILL);
    assert_eq!(front.wait().unwrap().signal(), Some(libc::SIGKILL));
}

#[test]
fn test_full_disk_leaves_the_job_alone() {
    let scratch = Scratch::new();
    // A limit on the size of files stands for a full disk.
    let mut command = scratch.tracer(&[], "ls / > /dev/null; exit 4");
    // SAFETY: async-signal-safe calls between fork and exec.
    unsafe {
        command.pre_exec(|| {
            let limit = libc::rlimit { rlim_cur: 1024, rlim_max: libc::RLIM_INFINITY };
            libc::setrlimit(libc::RLIMIT_FSIZE, &limit);
            libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
            Ok(())
        });
    }
    let output = command.stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("cannot write the report"), "{stderr}");
    assert!(!std::fs::read_to_string(scratch.report()).unwrap().contains("\"type\":\"end\""));
}
