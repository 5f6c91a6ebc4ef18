//! What happens to the job when the tracer itself fails: `cargo test --features fault-injection`.
#![cfg(feature = "fault-injection")]
#![allow(clippy::unwrap_used)]

mod common;

use common::Scratch;

#[test]
fn test_job_goes_on_when_the_tracer_fails_inside() {
    for mode in ["notify", "attach", "trace"] {
        let scratch = Scratch::new();
        let script = "cat ./tracer-must-fail 2>/dev/null; echo x > out; cat out; exit 6";
        let output = scratch.tracer(&["--mode", mode], script).output().unwrap();
        assert_eq!(output.status.code(), Some(6), "{mode}");
        assert_eq!(output.stdout, b"x\n", "{mode}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("internal error"), "{mode}");
        assert!(!std::fs::read_to_string(scratch.report()).unwrap().contains("\"type\":\"end\""), "{mode}");
    }
}

#[test]
fn test_job_goes_on_while_the_tracer_hangs() {
    let scratch = Scratch::new();
    // What ends the tracer's waiting is itself a caught call, as with a file server that is part of the job.
    let hang = scratch.path("tracer-must-hang");
    let script =
        format!("cat {} 2>/dev/null & sleep 0.2; echo > release; wait; exit 6", hang.to_str().unwrap());
    let output = scratch.tracer(&[], &script).output().unwrap();
    assert_eq!(output.status.code(), Some(6));
    let end = scratch.end();
    assert_eq!(end["level"], "partial");
    assert!(end["lost_events"].as_u64().unwrap() >= 1, "{end}");
    assert_eq!(scratch.gaps(), ["lost_events"]);
}
