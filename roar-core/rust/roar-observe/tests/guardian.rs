//! What becomes of the guardian with the tracer.
#![cfg(target_os = "linux")]

use roar_observe::guardian::{Guardian, InFlight};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// How the only child of this process ends; `None` if it has none.
fn end_of_child() -> Option<i32> {
    let mut status = 0;
    // SAFETY: a plain system call.
    (unsafe { libc::waitpid(-1, &mut status, 0) } > 0).then_some(status)
}

// One test: a fork of a process with other threads at work could wait for what they hold.
#[test]
fn test_guardian_ends_with_its_tracer_but_outlives_a_panic() {
    let in_flight = InFlight::new().unwrap();
    drop(Guardian::fork(&in_flight).unwrap());
    assert_eq!(end_of_child(), None);

    let guardian = Guardian::fork(&in_flight).unwrap();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _guardian = guardian;
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(unwound.is_err());
    let status = end_of_child().expect("it was neither killed nor reaped");
    assert!(libc::WIFEXITED(status));
}
