//! Which files the job has read, and which are settled: a table that all of its processes share.
//!
//! Before it destroys a file, a process asks the tracer to digest it, but only if someone of the job has read it and
//! the tracer has not settled it yet. A full table makes everybody ask always.

use crate::hash;
use crate::sys::Status;
use core::sync::atomic::{AtomicU64, Ordering};

const BLOCKS: u64 = 512;
/// Slots of a block: as many files as have numbers that follow each other.
const BLOCK: u64 = 64;
const MOST_PROBES: u64 = 32;
const STATE: u64 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nobody of the job has read it.
    Unread = 0,
    Read = 1,
    /// Its digest is known, or its bytes are the job's own.
    Settled = 2,
}

#[repr(C)]
pub struct Marks {
    slots: [AtomicU64; (BLOCKS * BLOCK) as usize],
    overflowed: AtomicU64,
}

/// Where a file's slot is looked for. Files that were made together have numbers that follow each other, and so have
/// their slots: a job that reads many of them would wait for memory at each.
struct Key {
    /// Never 0, which is an empty slot.
    word: u64,
    first_block: u64,
    step: u64,
    place: u64,
}

impl Key {
    fn new(device: u64, inode: u64) -> Key {
        let seed = hash::mix(1, device);
        let together = hash::mix(seed, inode / BLOCK);
        Key {
            word: (hash::mix(seed, inode) & !STATE) | 4,
            first_block: together,
            step: (together >> 40) | 1, // comes by every block
            place: (inode ^ (together >> 20)) % BLOCK,
        }
    }
}

impl Marks {
    /// What is known of a file; `None` if the table can't tell.
    pub fn of(&self, device: u64, inode: u64) -> Option<Mark> {
        let key = Key::new(device, inode);
        let word = key.word;
        for slot in self.probes(key) {
            let found = slot.load(Ordering::Acquire);
            if found == 0 {
                break;
            }
            if found & !STATE == word && from_state(found) != Mark::Unread {
                return Some(from_state(found));
            }
        }
        (!self.has_overflowed()).then_some(Mark::Unread)
    }

    /// A file has been opened to be read.
    pub fn read(&self, status: &Status) {
        self.read_by_number(status.device, status.inode);
    }

    pub fn read_by_number(&self, device: u64, inode: u64) {
        if self.has_overflowed() {
            return; // what is not marked may have been read
        }
        self.change(device, inode, |mark| match mark {
            Mark::Unread => Mark::Read,
            other => other,
        });
    }

    /// The file's bytes need no digest any more.
    pub fn settle(&self, device: u64, inode: u64) {
        self.change(device, inode, |_| Mark::Settled);
    }

    /// The file is gone: its number may name another one.
    pub fn forget(&self, status: &Status) {
        self.change(status.device, status.inode, |_| Mark::Unread);
    }

    fn has_overflowed(&self) -> bool {
        self.overflowed.load(Ordering::Relaxed) != 0
    }

    fn change(&self, device: u64, inode: u64, to: impl Fn(Mark) -> Mark) {
        let key = Key::new(device, inode);
        let word = key.word;
        for slot in self.probes(key) {
            let mut found = slot.load(Ordering::Acquire);
            while found == 0 || found & !STATE == word {
                let wanted = word | to(from_state(found)) as u64;
                if found == wanted || (found == 0 && wanted & STATE == 0) {
                    return;
                }
                match slot.compare_exchange(found, wanted, Ordering::AcqRel, Ordering::Acquire) {
                    Ok(_) => return,
                    Err(other) => found = other,
                }
            }
        }
        self.overflowed.store(1, Ordering::Relaxed);
    }

    /// The slots where a file may be, in the order in which they are filled: one of each of many blocks.
    fn probes(&self, key: Key) -> impl Iterator<Item = &AtomicU64> {
        (0..MOST_PROBES).filter_map(move |turn| {
            let block = key.first_block.wrapping_add(turn.wrapping_mul(key.step)) % BLOCKS;
            self.slots.get((block * BLOCK + key.place) as usize)
        })
    }
}

fn from_state(word: u64) -> Mark {
    match word & STATE {
        1 => Mark::Read,
        2 => Mark::Settled,
        _ => Mark::Unread,
    }
}
