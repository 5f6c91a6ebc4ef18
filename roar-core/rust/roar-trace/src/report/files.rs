//! The file lines of a report. Looking at what has become of each file is most of what closing a report costs, and
//! the job that is waited for has ended: several threads share it, and who will not digest the files does without it.

use super::{after, lines};
use crate::fold::{close, FileRecord, Recording, Verdict};
use crate::ordered;
use crate::path::directories::Directories;
use std::io;
use std::sync::Mutex;

/// How many files a thread takes at a time.
const SHARE: usize = 256;

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
    let shares = &records.chunks(SHARE).collect::<Vec<_>>();
    let spare = &Mutex::new(Vec::new()); // texts that were written: new memory costs a fault for each page
    let mut count = Count::default();
    let worker = || {
        let mut looker = after::Looker::default();
        move |share: usize| {
            let text: Vec<u8> = spare.lock().ok().and_then(|mut spare| spare.pop()).unwrap_or_default();
            Lines::of(shares[share], recording, directories, &mut looker, text)
        }
    };
    ordered::each(shares.len(), worker, |lines| -> io::Result<()> {
        count.files += lines.count.files;
        count.not_held += lines.count.not_held;
        write(&lines.text)?;
        if let Ok(mut spare) = spare.lock() {
            spare.push(lines.text);
        }
        Ok(())
    })?;
    Ok(count)
}

/// The lines of a share of the files.
struct Lines {
    text: Vec<u8>,
    count: Count,
}

impl Lines {
    fn of(
        records: &[&FileRecord],
        recording: &Recording,
        directories: &Directories,
        looker: &mut after::Looker,
        mut text: Vec<u8>,
    ) -> Lines {
        const LINE: usize = 384; // about
        text.clear();
        text.reserve(records.len() * LINE);
        let mut count = Count::default();
        let mut start = lines::ShortStart::new(directories);
        for record in records {
            let is_passed_over = recording.passes_over_inputs && record.writing.is_none();
            if is_passed_over && lines::file_only_read(&mut text, &mut start, record, false) {
                count.files += 1;
                continue;
            }
            let after = looker.identity_of(directories, record.directory, &record.name);
            let Some(verdict) = close::judge(record, after) else { continue };
            let unchanged = verdict.written.is_none() && after.is_some() && after == record.before;
            if !(unchanged && lines::file_only_read(&mut text, &mut start, record, true)) {
                let path = directories.path(record.directory, &record.name);
                lines::file(&mut text, &path, record, &verdict, after);
            }
            count.files += 1;
            count.not_held += u64::from(recording.cannot_stop && is_unknown(record, &verdict));
        }
        Lines { text, count }
    }
}

/// Whether the job has read bytes and destroyed them, and nobody has digested them in time.
fn is_unknown(record: &FileRecord, verdict: &Verdict) -> bool {
    let details = record.details.as_deref();
    let destroyed = verdict.written.is_some() || details.is_some_and(|details| details.destroyed);
    record.reading.is_some() && destroyed && details.and_then(|details| details.preserved.as_ref()).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::{Actor, At, Opening};
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    const READ: Opening = Opening { read: true, write: false, truncate: false, append: false };

    /// The lines of three files that were only read, one of which others have changed since, and one removed.
    fn lines(folder: &Path, passes_over_inputs: bool) -> Vec<String> {
        std::fs::create_dir_all(folder).unwrap();
        let (mut directories, mut recording) = (Directories::default(), Recording::default());
        recording.passes_over_inputs = passes_over_inputs;
        let directory = directories.intern(folder.as_os_str().as_bytes());
        for name in ["same", "changed", "gone"] {
            std::fs::write(folder.join(name), "as it was").unwrap();
            let before = after::Looker::default().identity_of(&directories, directory, name.as_bytes());
            let at = At { directory, name: name.as_bytes(), spelled: None };
            recording.opened(&at, READ, before, &Actor { process: 1, time_ns: 1, time_ms: 0 });
        }
        std::fs::write(folder.join("changed"), "as it is now").unwrap();
        std::fs::remove_file(folder.join("gone")).unwrap();
        let mut text = Vec::new();
        let count = write_each(&recording, &directories, |lines| {
            text.extend_from_slice(lines);
            Ok(())
        });
        std::fs::remove_dir_all(folder).unwrap();
        assert_eq!(count.unwrap().files, 3);
        String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
    }

    fn folder(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("roar-files-{name}-{}", std::process::id()))
    }

    #[test]
    fn test_short_line_is_for_what_is_as_it_was() {
        let lines = lines(&folder("all"), false);
        assert!(lines[0].ends_with(",\"unchanged\":true}"));
        assert!(lines[1].contains("\"size\":12,") && lines[1].contains("\"fate\":\"present\""));
        assert!(lines[2].contains("\"after\":null,") && lines[2].contains("\"fate\":\"removed\""));
        assert!(lines[1..].iter().all(|line| !line.contains("unchanged")));
    }

    #[test]
    fn test_inputs_that_are_passed_over_have_short_lines_that_say_nothing_of_their_end() {
        for line in lines(&folder("passed"), true) {
            assert!(["unchanged", "after", "fate"].iter().all(|key| !line.contains(key)), "{line}");
        }
    }
}
