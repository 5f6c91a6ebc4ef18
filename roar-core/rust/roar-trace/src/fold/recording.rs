//! One recording: the files, processes and gaps of one job.

use super::record::{FileRecord, Reading, Writing};
use super::table::FileTable;
use super::{Content, IdSet};
use crate::digest::Preserved;
use crate::identity::Identity;
use crate::path::directories::DirectoryId;
use crate::process::{Gap, Process};

/// A resolved path: a name in an interned directory.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    pub directory: DirectoryId,
    pub name: &'a [u8],
    pub spelled: Option<&'a [u8]>,
}

/// Who did it, and when.
#[derive(Clone, Copy, Debug)]
pub struct Actor {
    pub process: u32,
    pub time_ns: u64,
    pub time_ms: u64,
}

#[derive(Default)]
pub struct Recording {
    pub files: FileTable,
    pub processes: Vec<Process>,
    pub gaps: Vec<Gap>,
    /// Events that are known to have been missed.
    pub lost_events: u64,
    /// The tracer can't make the job wait: what it destroys may be gone before it can be digested.
    pub cannot_stop: bool,
    /// Files that were only read are not looked at when the report is closed.
    pub passes_over_inputs: bool,
    /// Accesses below a location that nobody needs.
    pub ignored: u64,
    order: u64,
}

impl Recording {
    pub fn next_order(&mut self) -> u64 {
        self.order += 1;
        self.order
    }

    /// Adds a program image; its id is returned.
    pub fn add_process(&mut self, mut process: Process) -> u32 {
        process.id = self.processes.len() as u32 + 1;
        let id = process.id;
        self.processes.push(process);
        id
    }

    pub fn process(&self, id: u32) -> Option<&Process> {
        self.processes.get((id as usize).checked_sub(1)?)
    }

    pub fn process_mut(&mut self, id: u32) -> Option<&mut Process> {
        self.processes.get_mut((id as usize).checked_sub(1)?)
    }

    /// Notes what could not be seen, once for each kind and process.
    pub fn add_gap(&mut self, kind: &'static str, process: Option<u32>, detail: impl Into<String>) {
        if !self.gaps.iter().any(|gap| gap.kind == kind && gap.process == process) {
            self.gaps.push(Gap { kind, process, detail: detail.into() });
        }
    }

    /// The record of a path, made if need be; `before` is the file's identity now, before the event takes effect.
    pub(super) fn record_at(&mut self, at: &At, before: Option<Identity>, actor: &Actor) -> (usize, u64) {
        let order = self.next_order();
        let index = match self.files.find(at.directory, at.name) {
            Some(index) => index,
            None => self.files.insert(FileRecord {
                directory: at.directory,
                name: at.name.into(),
                order,
                checked_ms: actor.time_ms,
                before,
                reading: None,
                writing: None,
                details: None,
                dropped: false,
            }),
        };
        let record = self.files.get_mut(index);
        record.checked_ms = actor.time_ms;
        if let Some(spelled) = at.spelled {
            record.note_name(spelled);
        }
        (index, order)
    }

    pub(super) fn note_reading(&mut self, index: usize, order: u64, actor: &Actor) {
        let reading = self.files.get_mut(index).reading.get_or_insert(Reading {
            first: order,
            last: order,
            first_ns: actor.time_ns,
            readers: IdSet::None,
        });
        reading.last = order;
        reading.readers.insert(actor.process);
    }

    pub(super) fn note_writing(
        &mut self,
        index: usize,
        base: Option<Identity>,
        order: u64,
        actor: &Actor,
    ) -> &mut Writing {
        let writing = self.files.get_mut(index).writing.get_or_insert_with(|| {
            Box::new(Writing {
                first: order,
                last: order,
                last_ns: actor.time_ns,
                writers: IdSet::None,
                base,
                content: Content::Perhaps,
                created: false,
                created_unknown: false,
                truncated: false,
                replaced: false,
                only_appended: true,
                mapped: false,
                renamed_from: Vec::new(),
            })
        });
        writing.last = order;
        writing.last_ns = writing.last_ns.max(actor.time_ns);
        writing.writers.insert(actor.process);
        writing
    }

    /// Whether the bytes now at the path must be digested before the job destroys them. `reads` says that the
    /// call itself lets the job read them first. Bytes that others have changed since are not those it has read.
    pub fn needs_digest(&self, at: &At, now: Identity, reads: bool) -> bool {
        let Some(index) = self.files.find(at.directory, at.name) else { return reads };
        let record = self.files.get(index);
        if record.reading.is_some() && record.before != Some(now) {
            return false;
        }
        let settled =
            record.details.as_ref().is_some_and(|details| details.destroyed || details.preserved.is_some());
        (reads || record.reading.is_some()) && !settled && !record.is_job_made()
    }

    /// The identity of the file at a path when the job first came there.
    pub fn before(&self, at: &At) -> Option<Identity> {
        self.files.get(self.files.find(at.directory, at.name)?).before
    }

    /// What is known of the file that the events say is at a path; `None` if they know of none.
    pub fn present(&self, at: &At) -> Option<Identity> {
        let record = self.files.get(self.files.find(at.directory, at.name)?);
        if record.removal().is_some() {
            return None;
        }
        const UNSEEN: Identity = Identity { device: 0, inode: 0, size: 0, mtime_ns: 0, ctime_ns: 0 };
        let made = record.writing.is_some().then_some(UNSEEN);
        record.before.or(made)
    }

    /// Whether there had been a file where the job has put one was not seen.
    pub fn creation_unknown(&mut self, at: &At) {
        let Some(index) = self.files.find(at.directory, at.name) else { return };
        if let Some(writing) = &mut self.files.get_mut(index).writing {
            writing.created_unknown = true;
        }
    }

    /// Keeps the digest of the bytes at a path as the job found them.
    pub fn keep_digest(&mut self, at: &At, before: Identity, preserved: Preserved, actor: &Actor) {
        let (index, _) = self.record_at(at, Some(before), actor);
        self.files.get_mut(index).details_mut().preserved = Some(preserved);
    }
}
