//! What the report says.

#![allow(clippy::unwrap_used)]

mod common;

use common::Scratch;

#[test]
fn test_appending_is_told_from_truncating() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("log"), "before").unwrap();
    assert!(scratch.run("echo more >> log").status.success());
    let line = scratch.file("log").unwrap();
    assert_eq!(line["write_kind"], "appended");
    assert_eq!(line["read"], false);
    assert_eq!(line["created"], false);
}

#[test]
fn test_moved_input_is_read_at_the_old_name_and_written_at_the_new() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("old"), "x").unwrap();
    assert!(scratch.run("mv old new").status.success());
    assert_eq!(scratch.file("old").unwrap()["read"], true);
    let line = scratch.file("new").unwrap();
    assert_eq!(line["written"], true);
    assert_eq!(line["renamed_from"][0], scratch.path("old").to_str().unwrap());
}

#[test]
fn test_output_published_by_rename_is_one_line() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("out"), "before").unwrap();
    assert!(scratch.run("echo x > tmp; mv tmp out").status.success());
    assert!(scratch.file("tmp").is_none());
    assert_eq!(scratch.file("out").unwrap()["write_kind"], "replaced");
}

#[test]
fn test_renamed_folder_of_inputs_is_followed_file_by_file() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("a/b")).unwrap();
    std::fs::write(scratch.path("a/b/c"), "x").unwrap();
    assert!(scratch.run("mv a z; cat z/b/c").status.success());
    assert_eq!(scratch.file("a/b/c").unwrap()["read"], true);
    assert_eq!(scratch.file("z/b/c").unwrap()["written"], true);
}

#[test]
fn test_ignored_location_is_counted_only() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("cache")).unwrap();
    std::fs::write(scratch.path("cache/x"), "x").unwrap();
    let prefix = scratch.path("cache/");
    assert!(scratch
        .tracer(&["--ignore", prefix.to_str().unwrap()], "cat cache/x")
        .output()
        .unwrap()
        .status
        .success());
    assert!(scratch.file("cache/x").is_none());
    assert_eq!(scratch.end()["ignored"], 1);
}

#[test]
fn test_processes_have_their_parents_and_statuses() {
    let scratch = Scratch::new();
    assert!(scratch.run("(exec sh -c 'exit 4'); true").status.success());
    let lines = scratch.lines();
    let processes: Vec<_> = lines.iter().filter(|line| line["type"] == "process").collect();
    assert_eq!(processes.len(), 2);
    assert_eq!(processes[1]["parent"], processes[0]["id"]);
    assert_eq!(processes[1]["exit_code"], 4);
    assert_eq!(processes[0]["exit_code"], 0);
}

#[test]
fn test_failed_exec_makes_no_process() {
    let scratch = Scratch::new();
    assert!(scratch.run("printf 'true\\n' > script; chmod +x script; ./script").status.success());
    let lines = scratch.lines();
    let names: Vec<_> =
        lines.iter().filter(|line| line["type"] == "process").map(|line| &line["exe"]).collect();
    assert!(!names.iter().any(|name| name.as_str().unwrap().ends_with("/script")), "{names:?}");
}

#[test]
fn test_complete_record_says_so() {
    let scratch = Scratch::new();
    assert!(scratch.run("true").status.success());
    let level = if common::TRACER.ends_with("preload") { "libc" } else { "kernel" };
    assert_eq!(scratch.end()["level"], level);
    assert!(scratch.gaps().is_empty());
}
