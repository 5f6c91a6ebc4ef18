//! Which files the job has read, and which are settled: a table that all of its processes share.
//!
//! Before it destroys a file, a process asks the tracer to digest it, but only if someone of the job has read it and
//! the tracer has not settled it yet. A full table makes everybody ask always.

use crate::hash;
use crate::sys::Status;
use core::sync::atomic::{AtomicU64, Ordering};

const SLOTS: usize = 1 << 15;
const MOST_PROBES: usize = 32;
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
    slots: [AtomicU64; SLOTS],
    overflowed: AtomicU64,
}

fn key(device: u64, inode: u64) -> u64 {
    // Never 0, which is an empty slot.
    (hash::mix(hash::mix(1, device), inode) & !STATE) | 4
}

impl Marks {
    /// What is known of a file; `None` if the table can't tell.
    pub fn of(&self, device: u64, inode: u64) -> Option<Mark> {
        let key = key(device, inode);
        for slot in self.probes(key) {
            let found = slot.load(Ordering::Acquire);
            if found & !STATE == key {
                return Some(from_state(found));
            }
            if found == 0 {
                break;
            }
        }
        (self.overflowed.load(Ordering::Relaxed) == 0).then_some(Mark::Unread)
    }

    /// A file has been opened to be read.
    pub fn read(&self, status: &Status) {
        self.read_by_number(status.device, status.inode);
    }

    pub fn read_by_number(&self, device: u64, inode: u64) {
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

    fn change(&self, device: u64, inode: u64, to: impl Fn(Mark) -> Mark) {
        let key = key(device, inode);
        for slot in self.probes(key) {
            let mut found = slot.load(Ordering::Acquire);
            while found == 0 || found & !STATE == key {
                let wanted = key | to(from_state(found)) as u64;
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

    fn probes(&self, key: u64) -> impl Iterator<Item = &AtomicU64> {
        let first = (key >> 20) as usize;
        (0..MOST_PROBES).filter_map(move |step| self.slots.get((first + step) % SLOTS))
    }
}

fn from_state(word: u64) -> Mark {
    match word & STATE {
        1 => Mark::Read,
        2 => Mark::Settled,
        _ => Mark::Unread,
    }
}
