//! What the BPF programs tell: the layouts of bpf/events.h.

pub const DIRECTORY: u32 = 1;
pub const OPENED: u32 = 2;
pub const MAPPED: u32 = 3;
pub const NAMED: u32 = 4;
pub const EXECUTED: u32 = 5;
pub const EXITED: u32 = 6;
pub const OUT_OF_SIGHT: u32 = 7;
pub const FORKED: u32 = 8;

/// In the flags of an opened file: the open made it.
pub const CREATED: u32 = 1 << 31;

/// What every event begins with.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub kind: u32,
    pub process: i32,
    /// CLOCK_MONOTONIC.
    pub time_ns: u64,
    pub image: u32,
    /// Of each kind's own.
    pub detail: u32,
}

/// A directory's path: names from the innermost outwards.
pub struct Directory<'a> {
    pub mark: u64,
    /// The mount that the path ends at.
    pub mount: u32,
    pub names: &'a [u8],
}

/// A regular file as the kernel saw it.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    pub directory: u64,
    pub inode: u64,
    pub size: u64,
    pub mtime_ns: i64,
    pub ctime_ns: i64,
    /// As the kernel counts devices.
    pub device: u32,
    /// Of open(2), and `CREATED`.
    pub flags: u32,
    pub name: &'a [u8],
}

/// A call that names one or two paths, each with the directory that it starts from.
pub struct Named<'a> {
    pub paths: [(u64, &'a [u8]); 2],
    /// Flags, or a length.
    pub number: u64,
    /// The files that a rename or unlink changed, if the kernel tells.
    pub changes: Option<Vec<Change>>,
}

/// A file as it was before a call changed it, but for its ctime.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub inode: u64,
    pub size: u64,
    pub mtime_ns: i64,
    pub ctime_ns: i64,
    pub device: u32,
    pub mode: u32,
}

/// A program that has been started.
pub struct Executed<'a> {
    pub root: u64,
    pub current: u64,
    pub file: File<'a>,
    /// The path as given.
    pub name: &'a [u8],
    /// Each closed by NUL.
    pub arguments: &'a [u8],
    /// How long the arguments are, of which not all may be here.
    pub argument_bytes: u64,
}

/// Reads fields one after the other; `None` where an event is too short.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn word(&mut self) -> Option<u32> {
        self.bytes(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn long(&mut self) -> Option<u64> {
        self.bytes(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn change(&mut self) -> Option<Change> {
        let (inode, size) = (self.long()?, self.long()?);
        let (mtime_ns, ctime_ns) = (self.long()? as i64, self.long()? as i64);
        Some(Change { inode, size, mtime_ns, ctime_ns, device: self.word()?, mode: self.word()? })
    }

    /// A file's part; `name_bytes` is the room that its name takes here.
    fn file(&mut self, name_bytes: Option<usize>) -> Option<File<'a>> {
        let (directory, inode, size) = (self.long()?, self.long()?, self.long()?);
        let (mtime_ns, ctime_ns) = (self.long()? as i64, self.long()? as i64);
        let (device, _mode, flags, length) = (self.word()?, self.word()?, self.word()?, self.word()?);
        let length = length as usize;
        let name = self.bytes(name_bytes.unwrap_or(length))?.get(..length)?;
        Some(File { directory, inode, size, mtime_ns, ctime_ns, device, flags, name })
    }
}

/// Splits an event into its header and what follows.
pub fn header(event: &[u8]) -> Option<(Header, &[u8])> {
    let mut reader = Reader(event);
    let (kind, process) = (reader.word()?, reader.word()? as i32);
    let header =
        Header { kind, process, time_ns: reader.long()?, image: reader.word()?, detail: reader.word()? };
    Some((header, reader.0))
}

pub fn directory(body: &[u8]) -> Option<Directory<'_>> {
    let mut reader = Reader(body);
    let (mark, mount, length) = (reader.long()?, reader.word()?, reader.word()?);
    Some(Directory { mark, mount, names: reader.bytes(length as usize)? })
}

pub fn file(body: &[u8]) -> Option<File<'_>> {
    Reader(body).file(None)
}

pub fn named(body: &[u8]) -> Option<Named<'_>> {
    let mut reader = Reader(body);
    let (first, second, number) = (reader.long()?, reader.long()?, reader.long()?);
    let changes = [reader.change()?, reader.change()?];
    let (changed, _) = (reader.word()? as usize, reader.word()?);
    let changes = changes.get(..changed).map(<[Change]>::to_vec);
    let lengths = (reader.word()? as usize, reader.word()? as usize);
    let (one, other) = (reader.bytes(lengths.0)?, reader.bytes(lengths.1)?);
    Some(Named { paths: [(first, without_nul(one)), (second, without_nul(other))], number, changes })
}

pub fn executed(body: &[u8]) -> Option<Executed<'_>> {
    const NAME_ROOM: usize = 256;
    let mut reader = Reader(body);
    let (root, current, argument_bytes) = (reader.long()?, reader.long()?, reader.long()?);
    let (length, argument_length) = (reader.word()? as usize, reader.word()? as usize);
    let file = reader.file(Some(NAME_ROOM))?;
    let name = without_nul(reader.bytes(length)?);
    let arguments = reader.bytes(argument_length)?;
    Some(Executed { root, current, file, name, arguments, argument_bytes })
}

fn without_nul(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\0").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(words: &[u64], tail: &[u8]) -> Vec<u8> {
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.extend_from_slice(tail);
        bytes
    }

    #[test]
    fn test_header_is_split_off() {
        let bytes = event(&[u64::from(FORKED) | 7 << 32, 99, 3 | 5 << 32], b"rest");
        let (header, rest) = header(&bytes).unwrap();
        assert_eq!((header.kind, header.process, header.time_ns), (FORKED, 7, 99));
        assert_eq!((header.image, header.detail, rest), (3, 5, &b"rest"[..]));
    }

    #[test]
    fn test_named_call_has_both_paths() {
        let change = [5, 6, 7, 8, 9 | 0o100_644 << 32];
        let words = [&[11, 12, 1][..], &change, &change, &[1, 4 | 3 << 32]].concat();
        let bytes = event(&words, b"abc\0de\0");
        let named = named(&bytes).unwrap();
        assert_eq!(named.paths, [(11, &b"abc"[..]), (12, &b"de"[..])]);
        let changes = named.changes.unwrap();
        assert_eq!((changes.len(), changes[0].inode, changes[0].device), (1, 5, 9));
    }

    #[test]
    fn test_a_short_event_is_refused() {
        let bytes = event(&[11, 12, 1, 4 | 300 << 32], b"abc\0de\0");
        assert!(named(&bytes).is_none());
        assert!(header(&bytes[..10]).is_none());
        assert!(file(&bytes).is_none());
        assert!(executed(&bytes).is_none());
        assert!(directory(&bytes[..12]).is_none());
    }
}
