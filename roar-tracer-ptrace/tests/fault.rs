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
