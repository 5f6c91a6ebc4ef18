//! The ring of shared memory: its layout, and how an entry gets into it.
//!
//! Many processes write, the tracer alone reads. A writer takes its place by one compare-and-exchange, fills it, and
//! commits it by storing a word that no other place of any lap has. A full ring drops the entry and counts it: nobody
//! ever waits for room. (A bare atomic add would leave a hole where there was no room, which the reader could not tell
//! from a writer that was killed.) A writer that is killed before it commits leaves a hole; the checksum tells an
//! entry that a late writer has written over.

use crate::hash;
use crate::marks::Marks;
use core::sync::atomic::{fence, AtomicU32, AtomicU64, Ordering};

pub const MAGIC: u64 = u64::from_le_bytes(*b"roarring") ^ VERSION;
const VERSION: u64 = 5;
/// What comes before the entries.
pub const HEADER_BYTES: usize = 4096 + core::mem::size_of::<Marks>();
/// Commit word, length and checksum.
pub const FRAME_WORDS: usize = 2;
/// No entry is longer: what would make it so is cut.
pub const MOST_ENTRY_BYTES: usize = 64 * 1024;
/// A ring must hold a few of the longest entries; its size is a power of two.
pub const LEAST_BYTES: usize = 4 * MOST_ENTRY_BYTES;

/// Words that writers and reader share; each that is written often has a cache line of its own.
#[repr(C, align(64))]
pub struct Header {
    pub magic: AtomicU64,
    pub data_bytes: AtomicU64,
    /// What commit words are made from.
    pub key: AtomicU64,
    /// Files larger than this are not digested before they are destroyed.
    pub preserve_limit: AtomicU64,
    /// Milliseconds that a process waits for the tracer at most; 0: the tracer is gone.
    pub patience_ms: AtomicU64,
    /// 1: every call that destroys a file asks first.
    pub ask_always: AtomicU64,
    /// 1: programs that can't be looked into are put under a filter.
    pub filter_static: AtomicU64,
    /// The effective user and group of the tracer.
    pub tracer_user: AtomicU64,
    pub tracer_group: AtomicU64,
    /// 1: it has the capability that lets others look at it whatever theirs are (CAP_SYS_PTRACE).
    pub tracer_is_powerful: AtomicU64,
    /// With the user they make the tracer's address: the pid namespace, and the front's process id in it.
    pub front_namespace: AtomicU64,
    pub front: AtomicU64,
    /// Which file the library is: another one of the same name is not ours.
    pub library_device: AtomicU64,
    pub library_inode: AtomicU64,
    /// The tracer's thread as a robust futex knows its owner (get_robust_list(2)): the kernel notes here that it has ended,
    /// however that came. 0: it could not be asked to.
    pub tracer_thread: AtomicU32,
    /// Where the next entry goes.
    pub taken: Line,
    /// Up to here the reader needs nothing any more.
    pub freed: Line,
    /// Up to here the reader has taken everything in.
    pub read: Line,
    /// Entries that found no room.
    pub lost: Line,
    /// Counts changes of files by the job.
    pub changes: Line,
    /// Counts changes of what names mean.
    pub renamings: Line,
}

#[repr(C, align(64))]
pub struct Line(pub AtomicU64);

impl Header {
    /// Whether the tracer is known to live. (It may live where this is not known.)
    pub fn tracer_lives(&self) -> bool {
        const OWNER_DIED: u32 = 0x4000_0000;
        let thread = self.tracer_thread.load(Ordering::Relaxed);
        thread != 0 && thread & OWNER_DIED == 0
    }
}

/// A mapped ring.
#[derive(Clone, Copy)]
pub struct Ring {
    start: *mut u8,
    data_bytes: u64,
    key: u64,
}

// SAFETY: everything behind the pointer is shared memory that is reached by atomic operations.
unsafe impl Send for Ring {}
// SAFETY: as above.
unsafe impl Sync for Ring {}

impl Ring {
    /// The ring that lies at `start`, if one does.
    ///
    /// # Safety
    /// `mapped` bytes from `start`, which is aligned to a page, stay readable and writable.
    pub unsafe fn at(start: *mut u8, mapped: usize) -> Option<Ring> {
        if mapped < HEADER_BYTES + LEAST_BYTES {
            return None;
        }
        // SAFETY: the header fits into what is mapped.
        let header = unsafe { &*start.cast::<Header>() };
        let data_bytes = header.data_bytes.load(Ordering::Relaxed);
        let fits = data_bytes.is_power_of_two()
            && data_bytes >= LEAST_BYTES as u64
            && data_bytes <= (mapped - HEADER_BYTES) as u64;
        let known = header.magic.load(Ordering::Acquire) == MAGIC;
        (fits && known).then(|| Ring { start, data_bytes, key: header.key.load(Ordering::Relaxed) })
    }

    /// Makes fresh, zeroed memory a ring.
    ///
    /// # Safety
    /// As for `at`; nobody else uses the memory yet.
    pub unsafe fn create(start: *mut u8, data_bytes: u64, key: u64) -> Option<Ring> {
        // SAFETY: the caller answers for the memory.
        let header = unsafe { &*start.cast::<Header>() };
        header.data_bytes.store(data_bytes, Ordering::Relaxed);
        header.key.store(key, Ordering::Relaxed);
        header.magic.store(MAGIC, Ordering::Release);
        // SAFETY: as above.
        unsafe { Ring::at(start, HEADER_BYTES + data_bytes as usize) }
    }

    pub fn header(&self) -> &'static Header {
        // SAFETY: a ring is never unmapped while it is used.
        unsafe { &*self.start.cast::<Header>() }
    }

    pub fn marks(&self) -> &'static Marks {
        // SAFETY: the table lies behind the header's page, and is never unmapped.
        unsafe { &*self.start.add(4096).cast::<Marks>() }
    }

    /// Where the entries lie in memory.
    pub fn data(&self) -> *mut u8 {
        // SAFETY: the entries come right after the header.
        unsafe { self.start.add(HEADER_BYTES) }
    }

    pub fn data_bytes(&self) -> u64 {
        self.data_bytes
    }

    /// Where a position of any lap lies, in bytes from the first entry.
    pub fn offset(&self, position: u64) -> usize {
        (position & (self.data_bytes - 1)) as usize
    }

    /// The word at a position of any lap.
    #[inline]
    pub fn word(&self, position: u64) -> &AtomicU64 {
        let offset = self.offset(position) & !7;
        // SAFETY: the offset is below `data_bytes`, which is mapped behind the header.
        unsafe { &*self.start.add(HEADER_BYTES + offset).cast::<AtomicU64>() }
    }

    /// What a committed entry at `position` begins with.
    pub fn commit_word(&self, position: u64) -> u64 {
        hash::mix(self.key, position) | 1
    }

    /// Takes room for an entry; `None` if there is none.
    pub fn take(&self, words: usize) -> Option<Place> {
        let header = self.header();
        let bytes = words as u64 * 8;
        let mut position = header.taken.0.load(Ordering::Relaxed);
        loop {
            let end = position.wrapping_add(bytes);
            // Less than nothing is used while the reader is moving on to the next lap.
            let used = end.wrapping_sub(header.freed.0.load(Ordering::Acquire)) as i64;
            if used > self.data_bytes as i64 {
                header.lost.0.fetch_add(1, Ordering::Relaxed);
                return None;
            }
            match header.taken.0.compare_exchange_weak(position, end, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => break,
                Err(moved) => position = moved,
            }
        }
        Some(Place { ring: *self, position, words, next: FRAME_WORDS, checksum: hash::mix(0, words as u64) })
    }
}

/// Room for one entry, to be filled with exactly as many words as were asked for.
pub struct Place {
    ring: Ring,
    pub position: u64,
    words: usize,
    next: usize,
    checksum: u64,
}

impl Place {
    #[inline]
    pub fn put(&mut self, word: u64) {
        if self.next < self.words {
            let position = self.position.wrapping_add(self.next as u64 * 8);
            self.ring.word(position).store(word, Ordering::Relaxed);
            self.checksum = hash::mix(self.checksum, word);
            self.next += 1;
        }
    }

    /// Makes the entry visible; where it ends.
    pub fn commit(mut self) -> u64 {
        while self.next < self.words {
            self.put(0);
        }
        let frame = self.words as u64 | (self.checksum & 0xffff_ffff_0000_0000);
        self.ring.word(self.position.wrapping_add(8)).store(frame, Ordering::Relaxed);
        fence(Ordering::Release);
        let committed = self.ring.commit_word(self.position);
        self.ring.word(self.position).store(committed, Ordering::Release);
        self.position.wrapping_add(self.words as u64 * 8)
    }
}
