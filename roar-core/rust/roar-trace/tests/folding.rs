//! What counts as read and written.
#![allow(clippy::unwrap_used)]

use roar_trace::fold::close::judge;
use roar_trace::fold::{Actor, At, FileRecord, Opening, Verdict, WriteKind};
use roar_trace::{Directories, Identity, Recording};

const READ: Opening = Opening { read: true, write: false, truncate: false, append: false };
const WRITE: Opening = Opening { read: false, write: true, truncate: false, append: false };
const TRUNCATE: Opening = Opening { read: false, write: true, truncate: true, append: false };
const APPEND: Opening = Opening { read: false, write: true, truncate: false, append: true };
const ACTOR: Actor = Actor { process: 1, time_ns: 5, time_ms: 0 };

/// The identity of a file in its `state`-th state.
fn file(inode: u64, state: i64) -> Identity {
    Identity { device: 1, inode, size: 10, mtime_ns: state, ctime_ns: state }
}

struct Story {
    directories: Directories,
    recording: Recording,
}

impl Story {
    fn new() -> Story {
        Story { directories: Directories::default(), recording: Recording::default() }
    }

    fn at<'a>(&mut self, name: &'a str) -> At<'a> {
        At { directory: self.directories.intern(b"/w"), name: name.as_bytes(), spelled: None }
    }

    fn open(&mut self, name: &str, how: Opening, before: Option<Identity>) {
        let at = self.at(name);
        self.recording.opened(&at, how, before, &ACTOR);
    }

    fn rename(&mut self, from: &str, identity: Identity, to: &str, displaced: Option<Identity>) {
        let (from, to) = (self.at(from), self.at(to));
        self.recording.renamed(&self.directories, &from, identity, &to, displaced, &ACTOR);
    }

    fn record(&mut self, name: &str) -> Option<&FileRecord> {
        let at = self.at(name);
        self.recording.files.find(at.directory, at.name).map(|index| self.recording.files.get(index))
    }

    fn verdict(&mut self, name: &str, after: Option<Identity>) -> Option<Verdict> {
        self.record(name).and_then(|record| judge(record, after))
    }

    fn kind(&mut self, name: &str, after: Option<Identity>) -> Option<WriteKind> {
        self.verdict(name, after)?.written.map(|written| written.kind)
    }

    fn is_read(&mut self, name: &str) -> bool {
        self.record(name).is_some_and(|record| record.reading.is_some())
    }
}

#[test]
fn test_file_that_was_opened_for_reading_is_read() {
    let mut story = Story::new();
    story.open("in", READ, Some(file(1, 1)));
    assert!(story.is_read("in"));
    assert!(story.verdict("in", Some(file(1, 1))).unwrap().written.is_none());
}

#[test]
fn test_new_file_is_created_even_if_empty() {
    let mut story = Story::new();
    story.open("out", WRITE, None);
    assert_eq!(story.kind("out", Some(file(1, 1))), Some(WriteKind::Created));
}

#[test]
fn test_file_that_is_not_there_in_the_end_was_never_created() {
    let mut story = Story::new();
    story.open("out", WRITE, None);
    assert!(story.verdict("out", None).is_none());
}

#[test]
fn test_file_opened_for_writing_and_left_alone_is_not_reported() {
    let mut story = Story::new();
    story.open("out", WRITE, Some(file(1, 1)));
    assert!(story.verdict("out", Some(file(1, 1))).is_none());
    assert_eq!(story.kind("out", Some(file(1, 2))), Some(WriteKind::Modified));
}

#[test]
fn test_appended_only_where_every_writing_open_appends() {
    let mut story = Story::new();
    story.open("log", APPEND, Some(file(1, 1)));
    assert_eq!(story.kind("log", Some(file(1, 2))), Some(WriteKind::Appended));
    story.open("log", WRITE, Some(file(1, 2)));
    assert_eq!(story.kind("log", Some(file(1, 3))), Some(WriteKind::Modified));
}

#[test]
fn test_what_the_job_made_is_not_its_input() {
    let mut story = Story::new();
    story.open("new", WRITE, None);
    story.open("new", READ, Some(file(1, 1)));
    assert!(!story.is_read("new"));
    story.open("old", TRUNCATE, Some(file(2, 1)));
    story.open("old", READ, Some(file(2, 2)));
    assert!(!story.is_read("old"));
}

#[test]
fn test_failed_truncation_leaves_an_input_an_input() {
    let mut story = Story::new();
    story.open("old", TRUNCATE, Some(file(2, 1)));
    story.open("old", READ, Some(file(2, 1)));
    assert!(story.is_read("old"));
    assert!(story.verdict("old", Some(file(2, 1))).unwrap().written.is_none());
}

#[test]
fn test_published_file_is_one_record_with_its_last_name() {
    let mut story = Story::new();
    story.open("tmp", WRITE, None);
    story.rename("tmp", file(1, 1), "out", None);
    assert!(story.record("tmp").is_none());
    assert_eq!(story.kind("out", Some(file(1, 2))), Some(WriteKind::Created));
    let from = &story.record("out").unwrap().writing.as_ref().unwrap().renamed_from;
    assert_eq!(from, &[b"/w/tmp".to_vec()]);
}

#[test]
fn test_publishing_again_and_again_takes_no_more_room() {
    let mut story = Story::new();
    for time in 0..100 {
        story.open("tmp", WRITE, None);
        story.rename("tmp", file(1, time), "out", None);
    }
    story.open("last", WRITE, None);
    let last = story.at("last");
    assert!(story.recording.files.find(last.directory, last.name).unwrap() <= 2);
    assert_eq!(story.recording.files.in_order().len(), 2);
}

#[test]
fn test_publishing_over_a_file_replaces_it() {
    let mut story = Story::new();
    story.open("tmp", WRITE, None);
    story.rename("tmp", file(1, 1), "out", Some(file(2, 1)));
    assert_eq!(story.kind("out", Some(file(1, 2))), Some(WriteKind::Replaced));
    assert_eq!(story.record("out").unwrap().before, Some(file(2, 1)));
}

#[test]
fn test_rename_that_did_not_happen_writes_nothing() {
    let mut story = Story::new();
    story.open("tmp", WRITE, None);
    story.rename("tmp", file(1, 1), "out", Some(file(2, 1)));
    assert_eq!(story.kind("out", Some(file(2, 1))), None);
}

#[test]
fn test_moved_input_is_read_where_it_was_and_written_where_it_is() {
    let mut story = Story::new();
    story.rename("old", file(1, 1), "new", None);
    assert!(story.is_read("old"));
    assert_eq!(story.kind("new", Some(file(1, 2))), Some(WriteKind::Created));
}

#[test]
fn test_exchange_makes_the_displaced_file_an_input() {
    let mut story = Story::new();
    story.open("tmp", WRITE, None);
    let (tmp, out) = (story.at("tmp"), story.at("out"));
    story.recording.exchanged(&story.directories, (&tmp, file(1, 1)), (&out, file(2, 1)), &ACTOR);
    assert!(story.is_read("out"));
    assert_eq!(story.kind("out", Some(file(1, 2))), Some(WriteKind::Replaced));
    assert_eq!(story.kind("tmp", Some(file(2, 2))), Some(WriteKind::Created));
}

#[test]
fn test_digest_is_needed_once_and_only_for_what_was_read() {
    let mut story = Story::new();
    let at = story.at("data");
    assert!(!story.recording.needs_digest(&at, file(1, 1), false));
    assert!(story.recording.needs_digest(&at, file(1, 1), true));
    story.open("data", READ, Some(file(1, 1)));
    assert!(story.recording.needs_digest(&at, file(1, 1), false));
    // Somebody else has changed it since: these are not the bytes that were read.
    assert!(!story.recording.needs_digest(&at, file(1, 2), false));
    story.open("data", TRUNCATE, Some(file(1, 1)));
    assert!(!story.recording.needs_digest(&at, file(1, 1), false));
}

#[test]
fn test_output_that_a_shell_made_for_the_command_counts_even_if_empty() {
    let mut story = Story::new();
    let at = story.at("out");
    story.recording.inherited(&at, WRITE, file(1, 1), true, &ACTOR);
    let written = story.verdict("out", Some(file(1, 1))).unwrap().written.unwrap();
    assert_eq!(written.created, None);
    assert_eq!(written.kind, WriteKind::Truncated);
}

#[test]
fn test_removed_output_is_told_as_removed() {
    let mut story = Story::new();
    story.open("tmp", WRITE, None);
    let at = story.at("tmp");
    story.recording.removed(&at, file(1, 2), &ACTOR);
    let verdict = story.verdict("tmp", None).unwrap();
    assert_eq!(verdict.fate, roar_trace::fold::Fate::Removed);
    assert!(verdict.written.is_some());
}
