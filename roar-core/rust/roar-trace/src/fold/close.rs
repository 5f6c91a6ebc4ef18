//! What has become of each file when the recording closes.

use super::record::{Content, FileRecord, Writing};
use crate::identity::Identity;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Present,
    Removed,
}

/// How the content came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteKind {
    Created,
    Truncated,
    Replaced,
    Modified,
    Appended,
}

/// A file's state at the end, as its path shows it.
pub type After = Option<Identity>;

/// What the report says of a file beyond the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub fate: Fate,
    /// `Some` if the file counts as written.
    pub written: Option<Written>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    pub kind: WriteKind,
    /// `None`: not known.
    pub created: Option<bool>,
    pub last_ns: u64,
}

/// Judges a record by the file's state at the end; `None` if there is nothing to report.
pub fn judge(record: &FileRecord, after: After) -> Option<Verdict> {
    let fate = if after.is_some() { Fate::Present } else { Fate::Removed };
    let written = record.writing.as_ref().filter(|writing| was_written(record, writing, after));
    let removal = record.removal();
    if written.is_none() && record.reading.is_none() && (removal.is_none() || after.is_some()) {
        return None;
    }
    let written = written.map(|writing| Written {
        kind: kind_of(writing),
        created: if writing.created_unknown {
            None
        } else {
            Some(writing.created && record.before.is_none())
        },
        last_ns: match (after, removal) {
            (Some(after), _) => writing.last_ns.max(after.ctime_ns as u64),
            (None, Some(removal)) => removal.time_ns,
            (None, None) => writing.last_ns,
        },
    });
    Some(Verdict { fate, written })
}

fn was_written(record: &FileRecord, writing: &Writing, after: After) -> bool {
    // What was there last, as far as it is known.
    let last = after.or(record.removal().map(|removal| removal.identity));
    match (writing.content, last) {
        // What a shell has emptied for the command is an output, even if nothing was written.
        (Content::Placed, Some(_)) if writing.created_unknown => true,
        (_, Some(_)) if writing.mapped => true,
        (_, Some(last)) => writing.base != Some(last),
        // Gone, and the job has not removed it: most likely the call that would have made it has failed.
        (_, None) => false,
    }
}

fn kind_of(writing: &Writing) -> WriteKind {
    if writing.created && !writing.replaced {
        WriteKind::Created
    } else if writing.replaced {
        WriteKind::Replaced
    } else if writing.truncated {
        WriteKind::Truncated
    } else if writing.only_appended {
        WriteKind::Appended
    } else {
        WriteKind::Modified
    }
}
