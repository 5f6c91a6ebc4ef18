//! Opening, truncating, mapping and running files.

use super::{Actor, At, Content, Recording};
use crate::identity::Identity;

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    pub read: bool,
    pub write: bool,
    pub truncate: bool,
    pub append: bool,
}

impl Opening {
    /// From `open(2)` flags.
    pub fn from_flags(flags: i32) -> Opening {
        let access = flags & libc::O_ACCMODE;
        Opening {
            read: access == libc::O_RDONLY || access == libc::O_RDWR,
            write: access != libc::O_RDONLY,
            truncate: flags & libc::O_TRUNC != 0,
            append: flags & libc::O_APPEND != 0,
        }
    }
}

impl Recording {
    /// A file is opened. `before` is its identity, `None` if the call creates it.
    pub fn opened(&mut self, at: &At, how: Opening, before: Option<Identity>, actor: &Actor) {
        let (index, order) = self.record_at(at, before, actor);
        let Some(before) = before else {
            let writing = self.note_writing(index, None, order, actor);
            writing.content = Content::Anew;
            writing.created = true;
            writing.only_appended = false;
            return self.revive(index);
        };
        self.revive(index);
        self.recognise_failure(index, before);
        if how.read && !how.truncate && !self.files.get(index).is_job_made() {
            self.note_reading(index, order, actor);
        }
        if how.write || how.truncate {
            let writing = self.note_writing(index, Some(before), order, actor);
            if how.truncate {
                writing.truncated = true;
                writing.content = Content::Anew.max_of(writing.content);
            }
            writing.only_appended &= how.append && !how.truncate;
            if how.truncate {
                self.files.get_mut(index).details_mut().destroyed = true;
            }
        }
    }

    /// A read-only open of a file that has been read before and looked at a moment ago: nothing new but the
    /// order. False if the path must be looked at.
    pub fn reopened_for_reading(&mut self, at: &At, actor: &Actor, max_age_ms: u64) -> bool {
        let Some(index) = self.files.find(at.directory, at.name) else { return false };
        let record = self.files.get(index);
        let fresh = actor.time_ms.saturating_sub(record.checked_ms) <= max_age_ms;
        if !fresh || record.reading.is_none() || record.writing.is_some() || record.removal().is_some() {
            return false;
        }
        let order = self.next_order();
        self.note_reading(index, order, actor);
        if let Some(spelled) = at.spelled {
            self.files.get_mut(index).note_name(spelled);
        }
        true
    }

    /// `truncate(2)`, or a descriptor's file cut by other means than an open.
    pub fn truncated(&mut self, at: &At, to_nothing: bool, before: Identity, actor: &Actor) {
        let (index, order) = self.record_at(at, Some(before), actor);
        let writing = self.note_writing(index, Some(before), order, actor);
        writing.only_appended = false;
        if to_nothing {
            writing.truncated = true;
            writing.content = Content::Anew.max_of(writing.content);
        }
        self.files.get_mut(index).details_mut().destroyed = true;
    }

    /// A shared writable mapping of a file on tmpfs.
    pub fn mapped_writable(&mut self, at: &At, before: Identity, actor: &Actor) {
        let (index, order) = self.record_at(at, Some(before), actor);
        let writing = self.note_writing(index, Some(before), order, actor);
        writing.mapped = true;
        writing.only_appended = false;
    }

    /// A program, script, interpreter or loader is run.
    pub fn executed(&mut self, at: &At, before: Identity, actor: &Actor) {
        let (index, order) = self.record_at(at, Some(before), actor);
        self.recognise_failure(index, before);
        if !self.files.get(index).is_job_made() {
            self.note_reading(index, order, actor);
        }
    }

    /// A file that is as it was before a truncation has not been truncated: that call had failed.
    fn recognise_failure(&mut self, index: usize, now: Identity) {
        let record = self.files.get_mut(index);
        let Some(writing) = &mut record.writing else { return };
        if writing.content == Content::Anew && writing.base == Some(now) {
            writing.content = Content::Perhaps;
            writing.truncated = false;
            record.details_mut().destroyed = false;
        }
    }

    /// A descriptor that the command inherits. `emptied`: a shell has just made or cut the file for the command
    /// (`> out`), so that it is an output even if nothing is written.
    pub fn inherited(&mut self, at: &At, how: Opening, before: Identity, emptied: bool, actor: &Actor) {
        let (index, order) = self.record_at(at, Some(before), actor);
        if how.read {
            self.note_reading(index, order, actor);
        }
        if how.write {
            let writing = self.note_writing(index, Some(before), order, actor);
            writing.created_unknown = true;
            writing.only_appended &= how.append;
            if emptied {
                writing.truncated = true;
                writing.content = Content::Placed;
            }
        }
    }

    /// The path has a file again.
    pub(super) fn revive(&mut self, index: usize) {
        if let Some(details) = self.files.get_mut(index).details.as_mut() {
            details.removal = None;
        }
    }
}

impl Content {
    /// The more certain of two.
    pub(super) fn max_of(self, other: Content) -> Content {
        if other == Content::Placed {
            other
        } else {
            self
        }
    }
}
