//! What is known of one path.

use super::ids::IdSet;
use crate::digest::Preserved;
use crate::identity::Identity;
use crate::path::directories::DirectoryId;

/// How the job came to read a file: order numbers count within the job.
#[derive(Clone, Debug)]
pub struct Reading {
    pub first: u64,
    pub last: u64,
    pub first_ns: u64,
    pub readers: IdSet,
}

/// Whose the bytes at a path are, as far as events tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Opened for writing; whether it was written shows in its identity at the end.
    Perhaps,
    /// Made anew by the job: its creation, truncation. Shows at the end as well, if the call failed.
    Anew,
    /// Certainly the job's doing: renamed or linked here.
    Placed,
}

/// How the job came to write, or at least to open for writing.
#[derive(Clone, Debug)]
pub struct Writing {
    pub first: u64,
    pub last: u64,
    pub last_ns: u64,
    pub writers: IdSet,
    /// The identity before the first writing open; `None` if there was no file.
    pub base: Option<Identity>,
    pub content: Content,
    /// There was no file when the job first made one here.
    pub created: bool,
    /// The descriptor was inherited: whether the shell had just created the file is not known.
    pub created_unknown: bool,
    pub truncated: bool,
    pub replaced: bool,
    pub only_appended: bool,
    /// A shared writable mapping on tmpfs, which identity may not show.
    pub mapped: bool,
    pub renamed_from: Vec<Vec<u8>>,
}

/// The path has lost its file by the job's doing.
#[derive(Clone, Copy, Debug)]
pub struct Removal {
    pub time_ns: u64,
    pub identity: Identity,
}

/// The rarer facts, kept apart so that a million read files stay small.
#[derive(Clone, Debug, Default)]
pub struct Details {
    pub names: Vec<Vec<u8>>,
    pub preserved: Option<Preserved>,
    /// The bytes that the job found have been destroyed; later states are its own.
    pub destroyed: bool,
    pub removal: Option<Removal>,
}

#[derive(Clone, Debug)]
pub struct FileRecord {
    pub directory: DirectoryId,
    pub name: Box<[u8]>,
    /// The order number of the first event.
    pub order: u64,
    /// When the name was last looked at (CLOCK_MONOTONIC_COARSE milliseconds).
    pub checked_ms: u64,
    /// The identity at the first open, before it took effect; `None` if there was no file.
    pub before: Option<Identity>,
    pub reading: Option<Reading>,
    pub writing: Option<Box<Writing>>,
    pub details: Option<Box<Details>>,
    /// Moved away or merged: the record takes part in nothing any more.
    pub dropped: bool,
}

impl FileRecord {
    pub fn details_mut(&mut self) -> &mut Details {
        self.details.get_or_insert_with(Box::default)
    }

    pub fn removal(&self) -> Option<Removal> {
        self.details.as_ref().and_then(|details| details.removal)
    }

    /// Whether what lies at the path was made by the job, so that reading it is not an input.
    pub fn is_job_made(&self) -> bool {
        self.writing.as_ref().is_some_and(|writing| writing.content != Content::Perhaps)
    }

    pub fn note_name(&mut self, spelled: &[u8]) {
        const MOST_NAMES: usize = 64;
        let names = &mut self.details_mut().names;
        if names.len() < MOST_NAMES && !names.iter().any(|name| name == spelled) {
            names.push(spelled.to_vec());
        }
    }
}
