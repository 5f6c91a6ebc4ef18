//! The process that lets a filtered job go on when its tracer has been killed.
#![allow(clippy::unwrap_used)]

mod common;

use common::{children, is_alive, send_signal, tracer_of, wait_for, Scratch};

#[test]
fn test_guardian_ends_with_the_job() {
    let scratch = Scratch::new();
    let script = "echo $$ > pid; until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done";
    let mut front = scratch.tracer(&[], script).spawn().unwrap();
    wait_for("the job", || scratch.path("pid").exists().then_some(()));
    let tracer = tracer_of(front.id() as i32);
    let guardian = wait_for("the guardian", || children(tracer).first().copied());
    send_signal(tracer, libc::SIGKILL);
    std::fs::write(scratch.path("go"), "x").unwrap();
    front.wait().unwrap();
    wait_for("the guardian's end", || (!is_alive(guardian)).then_some(()));
}
