//! Recently opened directories, so that the second file of a folder costs one system call.

use super::directories::DirectoryId;
use super::place::OpenDirectory;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::rc::Rc;

/// Changes made by others than the job show up after at most this long.
const MAX_AGE_MS: u64 = 100;

/// A directory as one spelling of it was resolved.
#[derive(Clone)]
pub struct Known {
    pub directory: Rc<OpenDirectory>,
    /// The spelling made absolute, where it is unlike the canonical text.
    pub spelled: Option<Rc<[u8]>>,
}

struct Entry {
    base: Option<DirectoryId>,
    text: Box<[u8]>,
    known: Known,
    checked_ms: u64,
}

pub struct DirectoryCache {
    entries: HashTable<Entry>,
    hasher: DefaultHashBuilder,
    capacity: usize,
}

impl DirectoryCache {
    /// A cache that holds at most `capacity` directories open.
    pub fn new(capacity: usize) -> DirectoryCache {
        DirectoryCache { entries: HashTable::new(), hasher: DefaultHashBuilder::default(), capacity }
    }

    pub fn get(&self, base: Option<DirectoryId>, text: &[u8], now_ms: u64) -> Option<&Known> {
        let hash = self.hasher.hash_one((base, text));
        let entry = self.entries.find(hash, |entry| entry.base == base && *entry.text == *text)?;
        (now_ms.saturating_sub(entry.checked_ms) <= MAX_AGE_MS).then_some(&entry.known)
    }

    pub fn insert(&mut self, base: Option<DirectoryId>, text: &[u8], known: Known, now_ms: u64) {
        let hash = self.hasher.hash_one((base, text));
        if let Some(entry) = self.entries.find_mut(hash, |entry| entry.base == base && *entry.text == *text) {
            entry.known = known;
            entry.checked_ms = now_ms;
            return;
        }
        if self.entries.len() >= self.capacity {
            self.entries.clear();
        }
        let entry = Entry { base, text: text.into(), known, checked_ms: now_ms };
        let hasher = &self.hasher;
        self.entries.insert_unique(hash, entry, |entry| hasher.hash_one((entry.base, &*entry.text)));
    }

    /// Forgets everything: a directory, a link to one, or a mount has changed.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}
