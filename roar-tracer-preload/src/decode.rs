//! From an entry's words to what it says. An entry that makes no sense is none.

use roar_preload::entry::{Head, Kind};
use roar_trace::identity::{kind, Identity};

/// The status of a file, as a writer saw it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub identity: Option<Identity>,
    pub links: u64,
    pub mode: u32,
}

impl Seen {
    pub fn kind(&self) -> u32 {
        self.mode & kind::MASK
    }

    pub fn is_file(&self) -> bool {
        self.kind() == kind::FILE
    }

    pub fn is_directory(&self) -> bool {
        self.kind() == kind::DIRECTORY
    }
}

/// The words of an entry, read from the front.
pub struct Words<'a> {
    rest: &'a [u64],
}

impl<'a> Words<'a> {
    /// Kind and head of an entry, and the words of its own.
    pub fn begin(words: &'a [u64]) -> Option<(Kind, Head, Words<'a>)> {
        let mut words = Words { rest: words };
        let first = words.number()?;
        let kind = Kind::from_number(first as u16)?;
        let head = Head {
            flags: (first >> 16) as u16,
            process: (first >> 32) as u32,
            image: words.number()?,
            time_ns: words.number()?,
            directory: words.number()?,
            root: words.number()?,
        };
        Some((kind, head, words))
    }

    pub fn number(&mut self) -> Option<u64> {
        let (&number, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(number)
    }

    pub fn status(&mut self) -> Option<Seen> {
        let (device, inode, size) = (self.number()?, self.number()?, self.number()?);
        let (mtime_ns, ctime_ns) = (self.number()? as i64, self.number()? as i64);
        let (links, mode) = (self.number()?, self.number()? as u32);
        let identity = Identity { device, inode, size, mtime_ns, ctime_ns };
        Some(Seen { identity: Some(identity), links, mode })
    }

    /// A text. Paths and arguments have no NUL; one that has is cut there.
    pub fn text(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let count = length.div_ceil(8);
        if count > self.rest.len() {
            return None;
        }
        let (words, rest) = self.rest.split_at(count);
        self.rest = rest;
        // SAFETY: words are eight bytes each, which hold anything; a writer puts the first one into the lowest.
        let bytes = unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), length) };
        bytes.split(|&byte| byte == 0).next()
    }

    /// The words after so many numbers, these left in place.
    pub fn after_numbers(&self, count: usize) -> Option<Words<'a>> {
        Some(Words { rest: self.rest.get(count..)? })
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}
