//! The ring under load: everything is there, or it is said how much is not.
#![allow(clippy::unwrap_used)]

mod common;

use common::Scratch;

#[test]
fn test_small_ring_loses_nothing_unsaid() {
    const PROGRAMS: usize = 8;
    const FILES: usize = 2500;
    let scratch = Scratch::new();
    for program in 0..PROGRAMS {
        let folder = scratch.path(&program.to_string());
        std::fs::create_dir(&folder).unwrap();
        for file in 0..FILES {
            std::fs::write(folder.join(file.to_string()), "x").unwrap();
        }
    }
    let script = "for p in 0 1 2 3 4 5 6 7; do (cd $p; exec cat * > /dev/null) & done; wait";
    assert!(scratch.tracer(&["--ring-bytes", "1"], script).status().unwrap().success());
    let lines = scratch.lines();
    let folder = scratch.0.to_str().unwrap();
    let is_read = |line: &&serde_json::Value| {
        line["read"] == true && line["path"].as_str().is_some_and(|path| path.starts_with(folder))
    };
    let read = lines.iter().filter(is_read).count();
    let lost = scratch.end()["lost_events"].as_u64().unwrap();
    assert!(read == PROGRAMS * FILES || lost > 0, "{read} files read, {lost} events lost");
    assert_eq!(lost > 0, scratch.gaps().contains(&"lost_events".to_owned()));
}
