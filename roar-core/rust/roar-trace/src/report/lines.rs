//! One line of the report for each kind of record.

use super::json::{self, Object};
use crate::fold::close::{Fate, Verdict, WriteKind};
use crate::fold::FileRecord;
use crate::identity::Identity;
use crate::path::directories::{Directories, DirectoryId};
use crate::process::{Gap, Process};

pub fn process(buffer: &mut Vec<u8>, process: &Process) {
    let mut line = Object::new(buffer);
    line.text("type", "process")
        .number("id", process.id.into())
        .optional_number("parent", process.parent.map(u64::from))
        .signed("pid", Some(process.pid.into()))
        .bytes("exe", &process.executable)
        .byte_list("argv", &process.arguments)
        .bytes("cwd", &process.directory)
        .number("started_ns", process.started_ns)
        .optional_number("ended_ns", process.ended_ns)
        .signed("exit_code", process.exit_code.map(i64::from))
        .signed("signal", process.signal.map(i64::from))
        .finish();
    buffer.push(b'\n');
}

pub fn gap(buffer: &mut Vec<u8>, gap: &Gap) {
    Object::new(buffer)
        .text("type", "gap")
        .text("kind", gap.kind)
        .optional_number("process", gap.process.map(u64::from))
        .text("detail", &gap.detail)
        .finish();
    buffer.push(b'\n');
}

pub fn file(
    buffer: &mut Vec<u8>,
    path: &[u8],
    record: &FileRecord,
    verdict: &Verdict,
    after: Option<Identity>,
) {
    let details = record.details.as_deref();
    let reading = record.reading.as_ref();
    let written = verdict.written.as_ref();
    let writing = record.writing.as_ref().filter(|_| written.is_some());
    let names: Vec<&[u8]> = details
        .map_or(Vec::new(), |d| d.names.iter().map(Vec::as_slice).filter(|&name| name != path).collect());
    let preserved = details.and_then(|details| details.preserved.as_ref());
    let mut line = Object::new(buffer);
    line.text("type", "file")
        .bytes("path", path)
        .boolean("read", reading.is_some())
        .boolean("written", written.is_some())
        .optional_boolean("created", written.map_or(Some(false), |written| written.created))
        .byte_list("names", &names)
        .numbers("readers", reading.map_or(&[], |reading| reading.readers.as_slice()))
        .numbers("writers", writing.map_or(&[], |writing| writing.writers.as_slice()))
        .optional_number("first_read", reading.map(|reading| reading.first))
        .optional_number("last_read", reading.map(|reading| reading.last))
        .optional_number("first_write", writing.map(|writing| writing.first))
        .optional_number("last_write", writing.map(|writing| writing.last))
        .optional_number("first_read_ns", reading.map(|reading| reading.first_ns))
        .optional_number("last_write_ns", last_write_ns(record, verdict));
    match written {
        Some(written) => line.text("write_kind", kind_name(written.kind)),
        None => line.null("write_kind"),
    };
    identity(line.key("before"), record.before);
    identity(line.key("after"), after);
    match preserved {
        Some(preserved) => line.text("before_digest", &hex(&preserved.digest)),
        None => line.null("before_digest"),
    };
    match preserved.and_then(|preserved| preserved.kept.as_ref()) {
        Some(kept) => line.bytes("preserved", std::os::unix::ffi::OsStrExt::as_bytes(kept.as_os_str())),
        None => line.null("preserved"),
    };
    line.text("fate", if verdict.fate == Fate::Present { "present" } else { "removed" })
        .byte_list("renamed_from", writing.map_or(&[], |writing| &writing.renamed_from[..]))
        .finish();
    buffer.push(b'\n');
}

/// What the short lines of a directory's files begin with: files come in the order in which they were opened, so that
/// most lie in the same directory as the one before.
pub struct ShortStart<'a> {
    directories: &'a Directories,
    directory: Option<DirectoryId>,
    /// Empty where the directory's path does not stand in a string as it is.
    text: Vec<u8>,
}

impl<'a> ShortStart<'a> {
    pub fn new(directories: &'a Directories) -> ShortStart<'a> {
        ShortStart { directories, directory: None, text: Vec::new() }
    }

    fn of(&mut self, directory: DirectoryId) -> Option<&[u8]> {
        if self.directory != Some(directory) {
            self.directory = Some(directory);
            self.text.clear();
            let path = self.directories.text(directory);
            if json::is_plain(path) {
                self.text.extend_from_slice(b"{\"type\":\"file\",\"path\":\"");
                self.text.extend_from_slice(path);
                if !path.ends_with(b"/") {
                    self.text.push(b'/');
                }
            }
        }
        Some(&self.text[..]).filter(|text| !text.is_empty())
    }
}

/// Writes the short line of a file that was read and not written, which nearly all are: `unchanged` if it has been
/// looked at and is as it was. False if there is more to say of it.
pub fn file_only_read(
    buffer: &mut Vec<u8>,
    start: &mut ShortStart,
    record: &FileRecord,
    unchanged: bool,
) -> bool {
    let (Some(reading), Some(identity)) = (&record.reading, record.before) else { return false };
    let is_usual = identity.has_state() && record.details.is_none() && json::is_plain(&record.name);
    let Some(start) = start.of(record.directory).filter(|_| is_usual) else { return false };
    buffer.extend_from_slice(start);
    buffer.extend_from_slice(&record.name);
    buffer.extend_from_slice(b"\",\"read\":true,\"written\":false,\"readers\":[");
    json::push_numbers(buffer, reading.readers.as_slice());
    buffer.extend_from_slice(b"],\"first_read\":");
    json::push_number(buffer, reading.first);
    buffer.extend_from_slice(b",\"last_read\":");
    json::push_number(buffer, reading.last);
    buffer.extend_from_slice(b",\"first_read_ns\":");
    json::push_number(buffer, reading.first_ns);
    buffer.extend_from_slice(b",\"before\":");
    whole_identity(buffer, &identity);
    buffer.extend_from_slice(if unchanged { b",\"unchanged\":true}\n" } else { b"}\n" });
    true
}

fn whole_identity(buffer: &mut Vec<u8>, identity: &Identity) {
    buffer.extend_from_slice(b"{\"device\":");
    json::push_number(buffer, identity.device);
    buffer.extend_from_slice(b",\"inode\":");
    json::push_number(buffer, identity.inode);
    buffer.extend_from_slice(b",\"size\":");
    json::push_number(buffer, identity.size);
    buffer.extend_from_slice(b",\"mtime_ns\":");
    json::push_signed(buffer, identity.mtime_ns);
    buffer.extend_from_slice(b",\"ctime_ns\":");
    json::push_signed(buffer, identity.ctime_ns);
    buffer.push(b'}');
}

/// A removal is a time of writing too: it orders the jobs that touched the path.
fn last_write_ns(record: &FileRecord, verdict: &Verdict) -> Option<u64> {
    match verdict.written {
        Some(written) => Some(written.last_ns),
        None if verdict.fate == Fate::Removed => record.removal().map(|removal| removal.time_ns),
        None => None,
    }
}

fn kind_name(kind: WriteKind) -> &'static str {
    match kind {
        WriteKind::Created => "created",
        WriteKind::Truncated => "truncated",
        WriteKind::Replaced => "replaced",
        WriteKind::Modified => "modified",
        WriteKind::Appended => "appended",
    }
}

fn identity(buffer: &mut Vec<u8>, identity: Option<Identity>) {
    let Some(identity) = identity else { return buffer.extend_from_slice(b"null") };
    let seen = identity.has_state().then_some(identity);
    Object::new(buffer)
        .number("device", identity.device)
        .number("inode", identity.inode)
        .optional_number("size", seen.map(|seen| seen.size))
        .signed("mtime_ns", seen.map(|seen| seen.mtime_ns))
        .signed("ctime_ns", seen.map(|seen| seen.ctime_ns))
        .finish();
}

fn hex(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| DIGITS[digit as usize] as char)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::{Actor, At, Opening, Recording};

    const STATE: Identity = Identity { device: 7, inode: 8, size: 0, mtime_ns: -5, ctime_ns: 1 << 60 };
    const READ: Opening = Opening { read: true, write: false, truncate: false, append: false };

    /// The short line of a file that was read by two processes, if there is one.
    fn short(folder: &[u8], name: &[u8], unchanged: bool) -> Option<String> {
        let (mut directories, mut recording) = (Directories::default(), Recording::default());
        let at = At { directory: directories.intern(folder), name, spelled: None };
        for process in [1, 12] {
            recording.opened(&at, READ, Some(STATE), &Actor { process, time_ns: 99, time_ms: 0 });
        }
        let mut line = Vec::new();
        let mut start = ShortStart::new(&directories);
        let is_short = file_only_read(&mut line, &mut start, recording.files.get(0), unchanged);
        is_short.then(|| String::from_utf8(line).unwrap())
    }

    #[test]
    fn test_short_line_says_all_of_a_file_that_was_only_read() {
        for (folder, path) in [("/", "/name"), ("/some where/else", "/some where/else/name")] {
            let said = format!(
                "{{\"type\":\"file\",\"path\":\"{path}\",\"read\":true,\"written\":false,\"readers\":[1,12],\
                 \"first_read\":1,\"last_read\":2,\"first_read_ns\":99,\"before\":{{\"device\":7,\"inode\":8,\
                 \"size\":0,\"mtime_ns\":-5,\"ctime_ns\":1152921504606846976}},\"unchanged\":true}}\n"
            );
            assert_eq!(short(folder.as_bytes(), b"name", true).unwrap(), said);
            let unseen = said.replace(",\"unchanged\":true", "");
            assert_eq!(short(folder.as_bytes(), b"name", false).unwrap(), unseen);
        }
    }

    #[test]
    fn test_no_short_line_where_the_name_must_be_escaped() {
        for name in [&b"a\"b"[..], b"a\\b", b"a\nb", b"\xff", "\u{e9}".as_bytes()] {
            assert_eq!(short(b"/w", name, true), None, "{name:?}");
        }
    }
}
