//! A run inside a run: one tracer, two reports.

#![allow(clippy::unwrap_used)]

mod common;

use common::{gaps, lines, Scratch, TRACER};
use serde_json::{json, Value};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Says what the re-executed test is to do, and where.
const ROLE: &str = "NESTED_TEST_FOLDER";

fn address(process: i32) -> SocketAddr {
    let namespace = std::fs::metadata("/proc/self/ns/pid").unwrap().ino();
    // SAFETY: a plain system call.
    let user = unsafe { libc::geteuid() };
    SocketAddr::from_abstract_name(format!("roar-tracer/{namespace}/{user}/{process}")).unwrap()
}

fn parent_of(process: i32) -> i32 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("PPid:")).unwrap();
    line["PPid:".len()..].trim().parse().unwrap()
}

/// Connects to the nearest ancestor that has a tracer.
fn connect_to_ancestor() -> UnixStream {
    let mut process = std::process::id() as i32;
    loop {
        process = parent_of(process);
        assert!(process > 1, "no ancestor has a tracer");
        if let Ok(stream) = UnixStream::connect_addr(&address(process)) {
            return stream;
        }
    }
}

fn next_event(reader: &mut BufReader<UnixStream>) -> Value {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or(Value::Null)
}

/// What an inner roar does: asks for a recording, lets its command go, waits for the report.
#[test]
fn inner_run() {
    let Some(folder) = std::env::var_os(ROLE).map(PathBuf::from) else { return };
    std::fs::read(folder.join("asked-before")).unwrap();
    let mut command = Command::new("sh")
        .args([
            "-c",
            "read line; exec sh -c 'cat inner-in > inner-out; (cat inner-late > /dev/null &); exit 3'",
        ])
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let stream = connect_to_ancestor();
    let report = std::fs::File::create(folder.join("inner.jsonl")).unwrap();
    let request = json!({"request": "record", "pid": command.id(), "uid": "0123abcd", "argv": ["sh"],
                         "cwd": folder.to_str().unwrap(), "wait": "all"});
    roar_launch::spawn::send(stream.as_raw_fd(), request.to_string().as_bytes(), Some(report.as_raw_fd()))
        .unwrap();
    let mut reader = BufReader::new(stream);
    assert_eq!(next_event(&mut reader)["event"], "ready");
    std::fs::read(folder.join("asked-after")).unwrap();
    command.stdin.take().unwrap().write_all(b"go\n").unwrap();
    assert_eq!(command.wait().unwrap().code(), Some(3));
    let events: Vec<Value> =
        std::iter::repeat_with(|| next_event(&mut reader)).take_while(|e| !e.is_null()).collect();
    assert_eq!(events.last().unwrap()["event"], "closed");
    std::fs::read(folder.join("asked-after")).unwrap();
}

fn files(lines: &[Value], scratch: &Scratch) -> Vec<String> {
    let folder = scratch.0.to_str().unwrap();
    let paths = lines.iter().filter(|line| line["type"] == "file").map(|line| line["path"].as_str().unwrap());
    paths.filter_map(|path| path.strip_prefix(folder)).map(|path| path[1..].to_owned()).collect()
}

#[test]
fn test_inner_run_has_a_report_of_its_own() {
    let scratch = Scratch::new();
    for name in ["asked-before", "asked-after", "inner-in", "inner-late", "outer-in"] {
        std::fs::write(scratch.path(name), "x").unwrap();
    }
    let status = Command::new(TRACER)
        .arg("--report")
        .arg(scratch.report())
        .args(["--", "sh", "-c", "\"$0\" --exact inner_run --quiet && cat outer-in > outer-out"])
        .arg(std::env::current_exe().unwrap())
        .env(ROLE, &scratch.0)
        .current_dir(&scratch.0)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());

    let outer = scratch.lines();
    let job = outer.iter().find(|line| line["type"] == "job").unwrap();
    assert_eq!(job["uid"], "0123abcd");
    let asked = outer.iter().find(|line| line["type"] == "process" && line["id"] == job["process"]).unwrap();
    assert!(asked["argv"][1] == "--exact", "{asked}");
    let mut seen = files(&outer, &scratch);
    seen.retain(|name| name != "inner.jsonl");
    assert_eq!(seen, ["asked-before", "outer-out", "outer-in"]);

    let inner = lines(&scratch.path("inner.jsonl"));
    assert_eq!(files(&inner, &scratch), ["inner-out", "inner-in", "inner-late"]);
    assert!(gaps(&inner).is_empty());
    assert_eq!(inner.last().unwrap()["exit_code"], 3);
    let programs: Vec<&str> = inner
        .iter()
        .filter(|line| line["type"] == "process")
        .map(|line| line["exe"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    // The shell that waits may have been heard of before it was moved here, or after.
    assert!(programs == ["sh", "cat", "cat"] || programs == ["sh", "sh", "cat", "cat"], "{programs:?}");
}

#[test]
fn test_stranger_is_refused() {
    let scratch = Scratch::new();
    let mut front = scratch
        .tracer(&[], "echo > started; until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done")
        .spawn()
        .unwrap();
    common::wait_for("the command", || scratch.path("started").exists().then_some(()));
    let stream = UnixStream::connect_addr(&address(front.id() as i32)).unwrap();
    let report = std::fs::File::create(scratch.path("inner.jsonl")).unwrap();
    let request = json!({"request": "record", "pid": front.id(), "uid": "0123abcd"});
    roar_launch::spawn::send(stream.as_raw_fd(), request.to_string().as_bytes(), Some(report.as_raw_fd()))
        .unwrap();
    assert_eq!(next_event(&mut BufReader::new(stream))["event"], "failed");
    std::fs::write(scratch.path("go"), "x").unwrap();
    assert!(front.wait().unwrap().success());
}
