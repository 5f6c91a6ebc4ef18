//! What this process has done a moment ago, so that it need not be said again.

use core::sync::atomic::{AtomicU64, Ordering};

/// Changes made by others than the job show up after at most this long.
const MOST_AGE_MS: u64 = 100;
const AGE_BITS: u64 = 20;
const AGE_MASK: u64 = (1 << AGE_BITS) - 1;

/// A cache of hashes. One word an entry, so that threads and signal handlers can share it without a lock.
pub struct Seen<const SLOTS: usize> {
    slots: [AtomicU64; SLOTS],
}

impl<const SLOTS: usize> Seen<SLOTS> {
    pub const fn new() -> Self {
        Seen { slots: [const { AtomicU64::new(0) }; SLOTS] }
    }

    fn slot(&self, hash: u64) -> &AtomicU64 {
        &self.slots[hash as usize % SLOTS]
    }

    pub fn contains(&self, hash: u64, now_ms: u64) -> bool {
        let found = self.slot(hash).load(Ordering::Relaxed);
        let age = now_ms.wrapping_sub(found) & AGE_MASK;
        found != 0 && found & !AGE_MASK == hash & !AGE_MASK && age <= MOST_AGE_MS
    }

    pub fn insert(&self, hash: u64, now_ms: u64) {
        let word = (hash & !AGE_MASK) | (now_ms & AGE_MASK);
        self.slot(hash).store(word, Ordering::Relaxed);
    }
}

impl<const SLOTS: usize> Default for Seen<SLOTS> {
    fn default() -> Self {
        Self::new()
    }
}
