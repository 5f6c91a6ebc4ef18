//! Inputs that the job destroys.

#![allow(clippy::unwrap_used)]

mod common;

use common::{roar_digest, Scratch};

#[test]
fn test_overwritten_input_has_the_digest_of_what_was_read() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("data"), "before").unwrap();
    assert!(scratch.run("cat data > copy; echo after > data").status.success());
    let line = scratch.file("data").unwrap();
    assert_eq!(line["read"], true);
    assert_eq!(line["written"], true);
    assert_eq!(line["write_kind"], "truncated");
    assert_eq!(line["before_digest"], roar_digest(b"before"));
}

#[test]
fn test_removed_input_has_the_digest_of_what_was_read() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("data"), "before").unwrap();
    assert!(scratch.run("cat data > copy; rm data").status.success());
    let line = scratch.file("data").unwrap();
    assert_eq!(line["fate"], "removed");
    assert_eq!(line["before_digest"], roar_digest(b"before"));
}

#[test]
fn test_keep_holds_the_bytes_too() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("data"), "before").unwrap();
    std::fs::create_dir(scratch.path("kept")).unwrap();
    let keep = scratch.path("kept");
    let status = scratch
        .tracer(&["--keep", keep.to_str().unwrap()], "cat data; echo x > data")
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    let kept = scratch.file("data").unwrap()["preserved"].as_str().unwrap().to_owned();
    assert_eq!(std::fs::read(kept).unwrap(), b"before");
}
