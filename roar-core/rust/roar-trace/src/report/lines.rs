//! One line of the report for each kind of record.

use super::json::Object;
use crate::fold::close::{Fate, Verdict, WriteKind};
use crate::fold::FileRecord;
use crate::identity::Identity;
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
