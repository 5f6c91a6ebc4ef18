//! The command's status, output and descriptors are what they are without a tracer.

#![allow(clippy::unwrap_used)]

mod common;

use common::Scratch;
use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Stdio;

#[test]
fn test_exit_status_is_the_commands() {
    let scratch = Scratch::new();
    assert_eq!(scratch.run("exit 7").status.code(), Some(7));
    assert_eq!(scratch.end()["exit_code"], 7);
}

#[test]
fn test_death_by_signal_is_repeated() {
    let scratch = Scratch::new();
    assert_eq!(scratch.run("kill -SEGV $$").status.signal(), Some(libc::SIGSEGV));
    let end = scratch.end();
    assert!(end["exit_code"].is_null());
    assert_eq!(end["signal"], libc::SIGSEGV);
}

#[test]
fn test_missing_command_gives_127() {
    let scratch = Scratch::new();
    let output = std::process::Command::new(common::TRACER)
        .arg("--report")
        .arg(scratch.report())
        .args(["--", "no-such-command-here"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(127));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "roar: cannot run: `no-such-command-here`: no such file or directory\n"
    );
    assert_eq!(scratch.end()["processes"], 0);
}

#[test]
fn test_command_that_cannot_be_executed_gives_126() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("data"), "x").unwrap();
    let output = std::process::Command::new(common::TRACER)
        .arg("--report")
        .arg(scratch.report())
        .arg("--")
        .arg(scratch.path("data"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(126));
}

#[test]
fn test_script_without_interpreter_line_runs_in_a_shell() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    let script = scratch.path("script");
    std::fs::write(&script, "exit 5\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = std::process::Command::new(common::TRACER);
    let status = command.arg("--report").arg(scratch.report()).arg("--").arg(&script).status().unwrap();
    assert_eq!(status.code(), Some(5));
    assert_eq!(scratch.file("script").unwrap()["read"], true);
}

#[test]
fn test_unknown_option_gives_2() {
    let output = std::process::Command::new(common::TRACER).arg("--nonsense").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("unknown option: `--nonsense`"));
}

#[test]
fn test_input_and_output_pass_untouched() {
    let scratch = Scratch::new();
    let mut child = scratch
        .tracer(&[], "cat; echo done >&2")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let data: Vec<u8> = (0..200_000u32).map(|index| (index % 251) as u8).collect();
    let mut input = child.stdin.take().unwrap();
    let sent = data.clone();
    let writer = std::thread::spawn(move || input.write_all(&sent));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(output.stdout, data);
    assert_eq!(output.stderr, b"done\n");
}

#[test]
fn test_redirections_made_outside_are_input_and_output() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("in"), "x").unwrap();
    let status = scratch
        .tracer(&[], "cat")
        .stdin(std::fs::File::open(scratch.path("in")).unwrap())
        .stdout(std::fs::File::create(scratch.path("out")).unwrap())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(scratch.file("in").unwrap()["read"], true);
    let output = scratch.file("out").unwrap();
    assert_eq!(output["written"], true);
    assert!(output["created"].is_null());
}

#[test]
fn test_job_sees_the_descriptors_it_would_see_without_a_tracer() {
    let scratch = Scratch::new();
    let script = "ls /proc/self/fd | tr '\\n' ' '";
    let bare = std::process::Command::new("sh").args(["-c", script]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(scratch.run(script).stdout, bare.stdout);
}

#[test]
fn test_inherited_descriptor_reaches_the_job() {
    use std::os::fd::AsRawFd;
    let scratch = Scratch::new();
    let (mut reader, writer) = std::io::pipe().unwrap();
    // SAFETY: a plain system call: without FD_CLOEXEC the descriptor is inherited, as make's jobserver is.
    unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETFD, 0) };
    let script = format!("echo token >&{}", writer.as_raw_fd());
    assert!(scratch.tracer(&[], &script).status().unwrap().success());
    drop(writer);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
    assert_eq!(text, "token\n");
}

/// The signal sets that /proc/self/status lists, without those that C libraries keep to themselves.
fn signal_sets(output: &[u8]) -> Vec<u64> {
    const STANDARD: u64 = (1 << 31) - 1;
    let text = String::from_utf8_lossy(output);
    let sets = text.lines().map(|line| u64::from_str_radix(line.rsplit('\t').next().unwrap(), 16).unwrap());
    sets.map(|set| set & STANDARD).collect()
}

#[test]
fn test_signal_state_is_the_one_the_tracer_was_started_with() {
    let scratch = Scratch::new();
    let ignored = [libc::SIGHUP, libc::SIGCHLD, libc::SIGPIPE, libc::SIGTSTP];
    // No shell between: some take SIGCHLD back.
    let mut command = std::process::Command::new(common::TRACER);
    command.arg("--report").arg(scratch.report()).args([
        "--",
        "grep",
        "-E",
        "^Sig(Blk|Ign)",
        "/proc/self/status",
    ]);
    // SAFETY: async-signal-safe calls between fork and exec; the set is initialised before use.
    unsafe {
        command.pre_exec(move || {
            for signal in ignored {
                libc::signal(signal, libc::SIG_IGN);
            }
            let mut blocked = std::mem::zeroed();
            libc::sigemptyset(&mut blocked);
            libc::sigaddset(&mut blocked, libc::SIGUSR1);
            libc::sigprocmask(libc::SIG_SETMASK, &blocked, std::ptr::null_mut());
            Ok(())
        });
    }
    let sets = signal_sets(&command.output().unwrap().stdout);
    assert_eq!(sets[0], 1 << (libc::SIGUSR1 - 1));
    assert_eq!(sets[1], ignored.iter().map(|signal| 1 << (signal - 1)).sum::<u64>());
}

#[test]
fn test_report_that_cannot_be_written_leaves_the_job_alone() {
    let scratch = Scratch::new();
    let output = std::process::Command::new(common::TRACER)
        .args(["--report", "/dev/full", "--", "sh", "-c", "echo fine; exit 3"])
        .output()
        .unwrap();
    // Not even the header can be written: nothing is started.
    assert_eq!(output.status.code(), Some(125));
    assert!(output.stdout.is_empty());
    drop(scratch);
}
