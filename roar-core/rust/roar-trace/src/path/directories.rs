//! Canonical directory texts, each kept once.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DirectoryId(pub u32);

/// Interned directory paths: a file record holds four bytes in place of its folder's name.
#[derive(Default)]
pub struct Directories {
    texts: Vec<Box<[u8]>>,
    by_text: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Directories {
    pub fn intern(&mut self, text: &[u8]) -> DirectoryId {
        let hash = self.hasher.hash_one(text);
        if let Some(&index) = self.by_text.find(hash, |&index| *self.texts[index as usize] == *text) {
            return DirectoryId(index);
        }
        let index = self.texts.len() as u32;
        self.texts.push(text.into());
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.by_text.insert_unique(hash, index, |&other| hasher.hash_one(&*texts[other as usize]));
        DirectoryId(index)
    }

    pub fn text(&self, id: DirectoryId) -> &[u8] {
        &self.texts[id.0 as usize]
    }

    /// The full path of a name in a directory.
    pub fn path(&self, id: DirectoryId, name: &[u8]) -> Vec<u8> {
        super::text::join(self.text(id), name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_intern_returns_the_same_id_for_the_same_text() {
        let mut directories = Directories::default();
        let first = directories.intern(b"/a");
        let second = directories.intern(b"/a/b");
        assert_ne!(first, second);
        assert_eq!(directories.intern(b"/a"), first);
        assert_eq!(directories.path(second, b"c"), b"/a/b/c");
        let root = directories.intern(b"/");
        assert_eq!(directories.path(root, b"c"), b"/c");
    }
}
