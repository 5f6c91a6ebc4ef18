//! Taking entries out of the ring. Whoever can write there can write anything: nothing that is read is trusted, and
//! everything is copied before it is looked at.

use roar_preload::entry::HEAD_WORDS;
use roar_preload::hash;
use roar_preload::ring::{Ring, FRAME_WORDS, MOST_ENTRY_BYTES};
use roar_trace::sys;
use std::sync::atomic::{fence, Ordering};
use std::time::Duration;

/// A writer that has taken its place has this long to fill it.
const PATIENCE_MS: u32 = 200;
/// Memory is given back in pieces of this size.
const RELEASED_BYTES: u64 = 4 << 20;
/// An empty ring of which so much has been used begins anew: memory that was used a moment ago is still in the caches, and
/// fresh memory costs its writers a page fault for every twenty entries.
const USED_BYTES: usize = 256 << 10;

pub struct Reader {
    ring: Ring,
    position: u64,
    /// As far as writers had come at the last look. They are looked at rarely: each look slows their next entry down.
    taken: u64,
    /// How often they have been looked at, counted from 1.
    pub looks: u64,
    patience_ms: u32,
    /// Up to here memory has been given back.
    released: u64,
    /// Entries that could not be read.
    pub damaged: u64,
}

impl Reader {
    pub fn new(ring: Ring) -> Reader {
        Reader::with_patience(ring, PATIENCE_MS)
    }

    /// A reader that waits so long for a slow writer.
    pub fn with_patience(ring: Ring, patience_ms: u32) -> Reader {
        Reader { ring, position: 0, taken: 0, looks: 0, patience_ms, released: 0, damaged: 0 }
    }

    /// The next entry's position and words after its frame, put into `words`; `None` if there is none.
    pub fn next(&mut self, words: &mut Vec<u64>) -> Option<u64> {
        let mut waited_ms = 0;
        loop {
            if self.taken == self.position {
                self.taken = self.ring.header().taken.0.load(Ordering::Acquire);
                self.looks += 1;
            }
            let taken = self.taken;
            let waiting = taken.wrapping_sub(self.position);
            if waiting == 0 {
                return None;
            }
            if waiting > self.ring.data_bytes() || !waiting.is_multiple_of(8) {
                // Nobody honest moves the mark so far.
                self.damaged += 1;
                self.position = taken & !7;
                self.taken = self.position;
                self.free();
                return None;
            }
            if let Some(position) = self.read(self.position, taken, words) {
                return Some(position);
            }
            if waited_ms >= self.patience_ms {
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

    /// Gives the room of what has been read back to the writers, and its memory to the system before: piece by piece,
    /// unless the ring is small.
    pub fn free(&mut self) {
        let mut freed = self.position;
        if self.ring.data_bytes().is_multiple_of(RELEASED_BYTES) {
            freed -= freed % RELEASED_BYTES;
            if freed > self.released {
                let from = self.released.max(freed.saturating_sub(self.ring.data_bytes()));
                for piece in (from..freed).step_by(RELEASED_BYTES as usize) {
                    release(&self.ring, piece, piece + RELEASED_BYTES);
                }
                self.released = freed;
            }
        }
        self.ring.header().freed.0.store(freed, Ordering::Release);
    }

    /// Goes on to the beginning of the next lap, if nothing is waiting to be read.
    pub fn rewind(&mut self) {
        let header = self.ring.header();
        let used = self.ring.offset(self.position);
        if used < USED_BYTES.min(self.ring.data_bytes() as usize / 2) {
            return;
        }
        let freed = header.freed.0.load(Ordering::Relaxed);
        let next = self.position.wrapping_add(self.ring.data_bytes() - used as u64);
        // In this order no writer sees a ring that is full.
        header.freed.0.store(next, Ordering::Release);
        match header.taken.0.compare_exchange(self.position, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => (self.position, self.taken, self.released) = (next, next, next),
            Err(_) => header.freed.0.store(freed, Ordering::Release),
        }
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

/// Gives memory back that holds entries which have been read: from a position of any lap to another.
fn release(ring: &Ring, from: u64, to: u64) {
    // SAFETY: a plain question.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
    let start = ring.data() as usize + ring.offset(from);
    let (first, end) = (start.next_multiple_of(page), (start + (to - from) as usize) & !(page - 1));
    if first < end {
        // SAFETY: these pages are of the ring, and nobody needs what is in them.
        unsafe { libc::madvise(first as *mut libc::c_void, end - first, sys::UNNEEDED) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Words;
    use roar_preload::entry::{self, Head, Kind};
    use roar_preload::ring::{HEADER_BYTES, LEAST_BYTES};
    use std::alloc::{alloc_zeroed, Layout};

    /// A ring in memory that stays for the rest of the test.
    fn memory() -> Ring {
        let layout = Layout::from_size_align(HEADER_BYTES + LEAST_BYTES, 1 << 14).unwrap();
        // SAFETY: the memory is zeroed, large enough, and never given back.
        unsafe { Ring::create(alloc_zeroed(layout), LEAST_BYTES as u64, 1) }.unwrap()
    }

    /// A small ring, and a reader that does not wait for slow writers.
    fn small() -> (Ring, Reader) {
        let ring = memory();
        (ring, Reader::with_patience(ring, 0))
    }

    fn write(ring: &Ring, number: u64, text: &[u8]) -> bool {
        entry::write(ring, Kind::Open, &Head::default(), &[number], &[], &[text]).is_some()
    }

    fn read(reader: &mut Reader) -> Option<(u64, Vec<u8>)> {
        let mut words = Vec::new();
        reader.next(&mut words)?;
        let (kind, _, mut words) = Words::begin(&words).unwrap();
        assert_eq!(kind, Kind::Open);
        Some((words.number().unwrap(), words.text().unwrap().to_vec()))
    }

    #[test]
    fn test_entries_come_back_in_order_over_many_laps() {
        let (ring, mut reader) = small();
        let path = [b'x'; 3000];
        for number in 0..1000 {
            assert!(write(&ring, number, &path[..number as usize]));
            assert_eq!(read(&mut reader), Some((number, path[..number as usize].to_vec())));
            reader.free();
        }
        assert_eq!((read(&mut reader), reader.take_lost()), (None, 0));
    }

    #[test]
    fn test_empty_ring_begins_anew_when_part_of_it_was_used() {
        let (ring, mut reader) = small();
        for number in 0..10_000 {
            assert!(write(&ring, number, b"a path"));
            assert_eq!(read(&mut reader), Some((number, b"a path".to_vec())));
            reader.rewind();
            assert!(ring.offset(reader.position) <= LEAST_BYTES / 2);
        }
        assert_eq!(reader.take_lost(), 0);
    }

    #[test]
    fn test_ring_with_unread_entries_does_not_begin_anew() {
        let (ring, mut reader) = small();
        for number in 0..2000 {
            assert!(write(&ring, number, b"a path"));
        }
        assert_eq!(read(&mut reader), Some((0, b"a path".to_vec())));
        let position = reader.position;
        reader.rewind();
        assert_eq!(reader.position, position);
        assert_eq!(std::iter::from_fn(|| read(&mut reader)).count(), 1999);
    }

    #[test]
    fn test_writers_beside_a_reader_that_begins_anew_lose_nothing_unsaid() {
        const WRITERS: u64 = 3;
        const ENTRIES: u64 = 20_000;
        let ring = memory();
        let mut reader = Reader::new(ring);
        let mut last = [0; WRITERS as usize];
        let mut count = 0;
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    scope.spawn(move || {
                        for number in 1..=ENTRIES {
                            write(&ring, writer << 32 | number, b"path");
                        }
                    })
                })
                .collect();
            loop {
                let is_over = writers.iter().all(|writer| writer.is_finished());
                while let Some((number, _)) = read(&mut reader) {
                    let (writer, number) = ((number >> 32) as usize, number & 0xffff_ffff);
                    assert!(last[writer] < number);
                    last[writer] = number;
                    count += 1;
                }
                reader.free();
                reader.rewind();
                if is_over {
                    break;
                }
            }
        });
        assert_eq!(count + reader.take_lost(), WRITERS * ENTRIES);
        assert_eq!(reader.damaged, 0);
    }

    #[test]
    fn test_full_ring_drops_and_counts() {
        let (ring, mut reader) = small();
        let written = (0..10_000).filter(|&number| write(&ring, number, b"path")).count() as u64;
        let read = std::iter::from_fn(|| read(&mut reader)).count() as u64;
        assert_eq!(read, written);
        assert_eq!(reader.take_lost(), 10_000 - written);
        assert!(written < 10_000);
    }

    #[test]
    fn test_writer_killed_before_it_commits_costs_one_entry() {
        let (ring, mut reader) = small();
        assert!(write(&ring, 1, b"before"));
        ring.take(40);
        assert!(write(&ring, 2, b"after"));
        assert_eq!(read(&mut reader), Some((1, b"before".to_vec())));
        assert_eq!(read(&mut reader), Some((2, b"after".to_vec())));
        assert_eq!((read(&mut reader), reader.take_lost()), (None, 1));
    }

    #[test]
    fn test_entry_that_was_written_over_is_not_taken_in() {
        let (ring, mut reader) = small();
        assert!(write(&ring, 1, b"a path that is longer than a word"));
        assert!(write(&ring, 2, b"whole"));
        ring.word(8 * 10).store(0x4141_4141_4141_4141, Ordering::Relaxed);
        assert_eq!(read(&mut reader), Some((2, b"whole".to_vec())));
        assert_eq!(reader.take_lost(), 1);
    }

    /// Pseudo-random words, the same each time (xorshift).
    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    #[test]
    fn test_hostile_bytes_do_no_harm() {
        let mut state = 0x5eed;
        for round in 0..200 {
            let (ring, mut reader) = small();
            let taken = &ring.header().taken.0;
            for number in 0..random(&mut state) % 50 {
                write(&ring, number, &vec![7; (random(&mut state) % 300) as usize]);
            }
            // Anything may be written over, the mark moved anywhere.
            for _ in 0..random(&mut state) % 200 {
                let place = random(&mut state) % (taken.load(Ordering::Relaxed) + 4096);
                let word = random(&mut state) >> (random(&mut state) % 64);
                ring.word(place & !7).store(word, Ordering::Relaxed);
            }
            match round % 4 {
                0 => taken.store(random(&mut state), Ordering::Relaxed),
                1 => taken.store((random(&mut state) % (2 * ring.data_bytes())) & !7, Ordering::Relaxed),
                _ => {}
            }
            let mut words = Vec::new();
            let mut count = 0;
            while reader.next(&mut words).is_some() {
                count += 1;
                decode_as_anything(&words, &mut state);
                assert!(count < 100_000);
            }
            reader.free();
            reader.publish();
        }
    }

    /// Reads what comes in any order of numbers, statuses and texts.
    fn decode_as_anything(words: &[u64], state: &mut u64) {
        let Some((_, _, mut words)) = Words::begin(words) else { return };
        while !words.is_empty() {
            let is_there = match random(state) % 3 {
                0 => words.number().is_some(),
                1 => words.status().is_some(),
                _ => words.text().is_some(),
            };
            if !is_there {
                return;
            }
        }
    }
}
