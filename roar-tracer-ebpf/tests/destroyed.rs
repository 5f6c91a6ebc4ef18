//! Inputs that the job destroys.

#![allow(clippy::unwrap_used)]

mod common;

use common::{roar_digest, Scratch};

#[test]
fn test_input_rewritten_in_place_is_unknown_and_counted() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("data"), "before").unwrap();
    assert!(scratch.run("cat data > copy; echo after > data").status.success());
    let line = scratch.file("data").unwrap();
    assert_eq!(line["read"], true);
    assert_eq!(line["written"], true);
    assert_eq!(line["write_kind"], "truncated");
    assert_eq!(line["before"]["size"], 6);
    assert!(line["before_digest"].is_null());
    assert_eq!(scratch.gaps(), ["not_held"]);
    assert_eq!(scratch.end()["level"], "partial");
}

/// Runs a script whose job destroys `data` once that is held by the tracer.
fn run_when_held(scratch: &Scratch, options: &[&str], destroy: &str) {
    std::fs::write(scratch.path("data"), "before").unwrap();
    let script =
        format!("cat data > copy; until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done; {destroy}");
    let mut front = scratch.tracer(options, &script).spawn().unwrap();
    let holds = |process: &i32| {
        let open = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        open.filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .any(|link| link == scratch.path("data"))
    };
    // The job's own process is the tracer's program as well until it runs the job's, and has read the file by then.
    common::wait_for("the file to be held", || {
        let is_copied = std::fs::metadata(scratch.path("copy")).is_ok_and(|copy| copy.len() > 0);
        (is_copied && common::children(front.id() as i32).iter().any(holds)).then_some(())
    });
    std::fs::write(scratch.path("go"), "").unwrap();
    assert!(front.wait().unwrap().success());
}

#[test]
fn test_removed_input_has_the_digest_of_what_was_read() {
    let scratch = Scratch::new();
    run_when_held(&scratch, &[], "rm data");
    let line = scratch.file("data").unwrap();
    assert_eq!(line["fate"], "removed");
    assert_eq!(line["before_digest"], roar_digest(b"before"));
    assert!(scratch.gaps().is_empty());
}

#[test]
fn test_replaced_input_has_the_digest_of_what_was_read() {
    let scratch = Scratch::new();
    run_when_held(&scratch, &[], "mv copy data");
    let line = scratch.file("data").unwrap();
    assert_eq!(line["write_kind"], "replaced");
    assert_eq!(line["before_digest"], roar_digest(b"before"));
}

#[test]
fn test_keep_holds_the_bytes_too() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("kept")).unwrap();
    let keep = scratch.path("kept");
    run_when_held(&scratch, &["--keep", keep.to_str().unwrap()], "rm data");
    let kept = scratch.file("data").unwrap()["preserved"].as_str().unwrap().to_owned();
    assert_eq!(std::fs::read(kept).unwrap(), b"before");
}

#[test]
fn test_events_that_find_no_room_are_counted() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("files")).unwrap();
    let script = "echo > started; until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done; cd files && seq 5000 | xargs touch; echo > ../done";
    let mut front = scratch.tracer(&["--ring-bytes", "65536"], script).spawn().unwrap();
    let tracer = common::tracer_of(front.id() as i32);
    common::wait_for("the command", || scratch.path("started").exists().then_some(()));
    common::send_signal(tracer, libc::SIGSTOP);
    std::fs::write(scratch.path("go"), "").unwrap();
    common::wait_for("the command to have done its work", || scratch.path("done").exists().then_some(()));
    common::send_signal(tracer, libc::SIGCONT);
    assert!(front.wait().unwrap().success());
    let end = scratch.end();
    let (lost, files) = (end["lost_events"].as_u64().unwrap(), end["files"].as_u64().unwrap());
    assert!(lost > 1000, "{end}");
    assert!(lost + files >= 5000, "{end}");
    assert_eq!(scratch.gaps(), ["lost_events"]);
}
