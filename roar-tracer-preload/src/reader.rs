//! Taking entries out of the ring. Whoever can write there can write anything: nothing that is read is trusted, and
//! everything is copied before it is looked at.

use roar_preload::entry::HEAD_WORDS;
use roar_preload::hash;
use roar_preload::ring::{Ring, FRAME_WORDS, MOST_ENTRY_BYTES};
use std::sync::atomic::{fence, Ordering};
use std::time::Duration;

/// A writer that has taken its place has this long to fill it.
const PATIENCE_MS: u32 = 200;

pub struct Reader {
    ring: Ring,
    position: u64,
    /// Entries that could not be read.
    pub damaged: u64,
}

impl Reader {
    pub fn new(ring: Ring) -> Reader {
        Reader { ring, position: 0, damaged: 0 }
    }

    /// The next entry's position and words after its frame, put into `words`; `None` if there is none.
    pub fn next(&mut self, words: &mut Vec<u64>) -> Option<u64> {
        let mut waited_ms = 0;
        loop {
            let taken = self.ring.header().taken.0.load(Ordering::Acquire);
            let waiting = taken.wrapping_sub(self.position);
            if waiting == 0 {
                return None;
            }
            if waiting > self.ring.data_bytes() || waiting % 8 != 0 {
                // Nobody honest moves the mark so far.
                self.damaged += 1;
                self.position = taken & !7;
                self.free();
                return None;
            }
            if let Some(position) = self.read(self.position, taken, words) {
                return Some(position);
            }
            if waited_ms >= PATIENCE_MS {
                self.damaged += 1;
                self.position = self.find_next(taken, words);
                self.free();
                waited_ms = 0;
                continue;
            }
            // Most likely it has just lost its processor. What comes after it must not be taken in before.
            std::thread::sleep(Duration::from_millis(1));
            waited_ms += 1;
        }
    }

    /// Reads a committed entry.
    fn read(&mut self, position: u64, taken: u64, words: &mut Vec<u64>) -> Option<u64> {
        let committed = self.ring.word(position).load(Ordering::Acquire);
        if committed != self.ring.commit_word(position) {
            return None;
        }
        let frame = self.ring.word(position.wrapping_add(8)).load(Ordering::Relaxed);
        let count = (frame & 0xffff_ffff) as usize;
        let end = position.wrapping_add(count as u64 * 8);
        let fits = (FRAME_WORDS + HEAD_WORDS..=MOST_ENTRY_BYTES / 8).contains(&count)
            && end.wrapping_sub(position) <= taken.wrapping_sub(position);
        if !fits {
            return None;
        }
        words.clear();
        let mut checksum = hash::mix(0, count as u64);
        for index in FRAME_WORDS..count {
            let word = self.ring.word(position.wrapping_add(index as u64 * 8)).load(Ordering::Relaxed);
            checksum = hash::mix(checksum, word);
            words.push(word);
        }
        fence(Ordering::Acquire);
        if (checksum ^ frame) >> 32 != 0 {
            return None;
        }
        self.position = end;
        Some(position)
    }

    /// Where the next whole entry begins, at or before `taken`.
    fn find_next(&mut self, taken: u64, words: &mut Vec<u64>) -> u64 {
        let start = self.position;
        let mut position = start.wrapping_add(8);
        while position != taken {
            if self.read(position, taken, words).is_some() {
                return position;
            }
            position = position.wrapping_add(8);
        }
        taken
    }

    /// Whether everything before a position has been read.
    pub fn has_passed(&self, position: u64) -> bool {
        self.position.wrapping_sub(position) as i64 >= 0
    }

    /// Gives the room of what has been read back to the writers.
    pub fn free(&self) {
        self.ring.header().freed.0.store(self.position, Ordering::Release);
    }

    /// Tells those who wait that everything up to here has been taken in.
    pub fn publish(&self) {
        self.ring.header().read.0.store(self.position, Ordering::Release);
    }

    /// Entries that found no room since this was last asked, and those that were damaged.
    pub fn take_lost(&mut self) -> u64 {
        let lost = self.ring.header().lost.0.swap(0, Ordering::Relaxed);
        lost.saturating_add(std::mem::take(&mut self.damaged))
    }

    pub fn ring(&self) -> Ring {
        self.ring
    }
}
