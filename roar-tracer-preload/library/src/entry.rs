//! What an entry says: its kind, who, when, then numbers and texts in the order that the kind fixes.

use crate::hash;
use crate::ring::{Place, Ring, FRAME_WORDS, MOST_ENTRY_BYTES};
use crate::sys::Status;

/// `numbers` / `texts` of each kind are given with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Kind {
    /// A program has started and is looked into: process, address of its random bytes, the two words there / working
    /// directory. The entry's image is what its exec was given.
    Start = 1,
    /// A program is about to be run: process (0: not known yet), plan, number of files, a status each / name as given,
    /// working directory, the files' names, then the arguments. Its position is the new image's number.
    Exec = 2,
    /// That did not work: image.
    ExecFailed = 3,
    /// The process in which a program was started: image, process.
    Spawned = 4,
    /// A process was forked: its number.
    Fork = 5,
    /// A process is about to end: its number, exit status.
    Exit = 6,
    /// A file was opened: `open(2)` flags, whether it was there, its status before / path, true path.
    Open = 7,
    /// Renamed: flags, whether something was displaced, the file's status, the displaced one's / from, to.
    Rename = 8,
    /// Linked: whether it had a name, its status / from, to.
    Link = 9,
    /// A name was removed: its status / path.
    Remove = 10,
    /// Cut: new size, status before / path.
    Truncate = 11,
    /// Mapped to be written and shared: status / true path.
    Map = 12,
    /// A library was loaded: status / path.
    Library = 13,
    /// The working directory has changed / its path. Its position is the directory's number.
    Directory = 14,
    /// The root directory has changed / its path. Its position is the root's number.
    Root = 15,
    /// Something can't be seen: which (`Blind`) / detail.
    Blind = 16,
    /// A file is about to be destroyed, and its digest may be needed: `open(2)` flags, status / path, true path.
    Destroy = 17,
}

impl Kind {
    /// Whether it matters when it happened.
    pub fn has_time(self) -> bool {
        !matches!(
            self,
            Kind::Start
                | Kind::ExecFailed
                | Kind::Spawned
                | Kind::Fork
                | Kind::Exit
                | Kind::Directory
                | Kind::Root
        )
    }

    /// Whether its writer waits until it has been taken in.
    pub fn is_waited_for(self) -> bool {
        self == Kind::Destroy
    }

    pub fn from_number(number: u16) -> Option<Kind> {
        const ALL: [Kind; 17] = [
            Kind::Start,
            Kind::Exec,
            Kind::ExecFailed,
            Kind::Spawned,
            Kind::Fork,
            Kind::Exit,
            Kind::Open,
            Kind::Rename,
            Kind::Link,
            Kind::Remove,
            Kind::Truncate,
            Kind::Map,
            Kind::Library,
            Kind::Directory,
            Kind::Root,
            Kind::Blind,
            Kind::Destroy,
        ];
        ALL.iter().copied().find(|kind| *kind as u16 == number)
    }
}

/// What `Kind::Blind` is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Blind {
    IoUring = 1,
    Tracing = 2,
}

/// Flags of an entry: the true path is literally what the path says.
pub const LITERAL: u16 = 1;
/// The true path is given.
pub const TRUE_PATH: u16 = 2;
/// The caller has a mount namespace of its own.
pub const FOREIGN: u16 = 4;
/// The working directory of the process is not the one whose number is given.
pub const ASTRAY: u16 = 8;

/// Words before the kind's own: kind, image, time, directory and root.
pub const HEAD_WORDS: usize = 5;
/// Words of a status.
pub const STATUS_WORDS: usize = 7;

/// Who makes an entry, when, and from where its paths start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub flags: u16,
    pub process: u32,
    pub image: u64,
    /// 0: that of the image's exec, or none that matters.
    pub time_ns: u64,
    pub directory: u64,
    pub root: u64,
}

/// An entry in the making: numbers first, then texts.
pub struct Writer(Place);

impl Writer {
    /// Room for an entry of so many numbers, and texts of these lengths.
    pub fn begin(
        ring: &Ring,
        kind: Kind,
        head: &Head,
        numbers: usize,
        texts: impl Iterator<Item = usize>,
    ) -> Option<Writer> {
        let text_words: usize = texts.map(text_words).sum();
        let words = FRAME_WORDS + HEAD_WORDS + numbers + text_words;
        if words * 8 > MOST_ENTRY_BYTES {
            ring.header().lost.0.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
            return None;
        }
        let mut place = ring.take(words)?;
        place.put(u64::from(kind as u16) | u64::from(head.flags) << 16 | u64::from(head.process) << 32);
        place.put(head.image);
        place.put(head.time_ns);
        place.put(head.directory);
        place.put(head.root);
        Some(Writer(place))
    }

    /// The entry's own position.
    pub fn position(&self) -> u64 {
        self.0.position
    }

    pub fn number(&mut self, number: u64) {
        self.0.put(number);
    }

    pub fn status(&mut self, status: &Status) {
        let Status { device, inode, size, mtime_ns, ctime_ns, links, mode, .. } = *status;
        for word in [device, inode, size, mtime_ns, ctime_ns, links, mode.into()] {
            self.0.put(word);
        }
    }

    pub fn text(&mut self, text: &[u8]) {
        self.0.put(text.len() as u64);
        hash::words(text).for_each(|word| self.0.put(word));
    }

    /// Makes the entry visible; where it ends.
    pub fn commit(self) -> u64 {
        self.0.commit()
    }
}

/// The words that a text of this length takes.
pub fn text_words(length: usize) -> usize {
    1 + length.div_ceil(8)
}

/// Writes a whole entry; its position and end, if there was room.
pub fn write(
    ring: &Ring,
    kind: Kind,
    head: &Head,
    numbers: &[u64],
    statuses: &[&Status],
    texts: &[&[u8]],
) -> Option<(u64, u64)> {
    let count = numbers.len() + statuses.len() * STATUS_WORDS;
    let mut entry = Writer::begin(ring, kind, head, count, texts.iter().map(|text| text.len()))?;
    for &number in numbers {
        entry.number(number);
    }
    for status in statuses {
        entry.status(status);
    }
    for text in texts {
        entry.text(text);
    }
    let position = entry.position();
    Some((position, entry.commit()))
}
