//! The file lines of a report. Looking at what has become of each file is most of what closing a report costs, and
//! the job that is waited for has ended: several threads share it.

use super::{after, lines};
use crate::fold::{close, FileRecord, Recording, Verdict};
use crate::path::directories::Directories;
use std::io;
use std::thread;

/// How many files a thread takes at a time.
const SHARE: usize = 1024;
const MOST_THREADS: usize = 4;

/// How many file lines there are, and how many files were read and destroyed before they could be digested.
#[derive(Clone, Copy, Default)]
pub struct Count {
    pub files: u64,
    pub not_held: u64,
}

/// Hands the lines of all files to `write`, in the order of the first access.
pub fn write_each(
    recording: &Recording,
    directories: &Directories,
    mut write: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Count> {
    let records = recording.files.in_order();
    let desks = records.len().div_ceil(SHARE).clamp(1, processors().min(MOST_THREADS));
    let mut desks: Vec<Desk> = (0..desks).map(|_| Desk::default()).collect();
    let mut count = Count::default();
    for round in records.chunks(SHARE * desks.len()) {
        let shares = || round.chunks(SHARE);
        thread::scope(|scope| {
            for (desk, share) in desks.iter_mut().zip(shares()).skip(1) {
                // A thread that can't be had leaves its share to be done below.
                let work = move || desk.fill(share, recording, directories);
                drop(thread::Builder::new().spawn_scoped(scope, work));
            }
        });
        for (desk, share) in desks.iter_mut().zip(shares()) {
            if !std::mem::take(&mut desk.is_done) {
                desk.fill(share, recording, directories);
                desk.is_done = false;
            }
            write(&desk.text)?;
            count.files += desk.count.files;
            count.not_held += desk.count.not_held;
        }
    }
    Ok(count)
}

/// What one thread works with.
#[derive(Default)]
struct Desk {
    looker: after::Looker,
    text: Vec<u8>,
    count: Count,
    is_done: bool,
}

impl Desk {
    /// Makes the lines of these files.
    fn fill(&mut self, records: &[&FileRecord], recording: &Recording, directories: &Directories) {
        self.text.clear();
        self.count = Count::default();
        for record in records {
            let after = self.looker.identity_of(directories, record.directory, &record.name);
            let Some(verdict) = close::judge(record, after) else { continue };
            let folder = directories.text(record.directory);
            if !lines::file_only_read(&mut self.text, folder, record, &verdict, after) {
                let path = directories.path(record.directory, &record.name);
                lines::file(&mut self.text, &path, record, &verdict, after);
            }
            self.count.files += 1;
            self.count.not_held += u64::from(recording.cannot_stop && is_unknown(record, &verdict));
        }
        self.is_done = true;
    }
}

/// How many processors this thread may run on.
fn processors() -> usize {
    // SAFETY: a plain question to the C library.
    let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    usize::try_from(count).unwrap_or(1).max(1)
}

/// Whether the job has read bytes and destroyed them, and nobody has digested them in time.
fn is_unknown(record: &FileRecord, verdict: &Verdict) -> bool {
    let details = record.details.as_deref();
    let destroyed = verdict.written.is_some() || details.is_some_and(|details| details.destroyed);
    record.reading.is_some() && destroyed && details.and_then(|details| details.preserved.as_ref()).is_none()
}
