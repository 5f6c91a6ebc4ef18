//! All file records of a recording, found by their current path.

use super::record::FileRecord;
use crate::path::directories::DirectoryId;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

#[derive(Default)]
pub struct FileTable {
    records: Vec<FileRecord>,
    /// Where dropped records are: a job that writes under one name and renames for ever takes no more room.
    dropped: Vec<u32>,
    by_path: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl FileTable {
    fn hash(&self, directory: DirectoryId, name: &[u8]) -> u64 {
        self.hasher.hash_one((directory, name))
    }

    pub fn find(&self, directory: DirectoryId, name: &[u8]) -> Option<usize> {
        let hash = self.hash(directory, name);
        let index = self.by_path.find(hash, |&index| self.matches(index, directory, name))?;
        Some(*index as usize)
    }

    fn matches(&self, index: u32, directory: DirectoryId, name: &[u8]) -> bool {
        let record = &self.records[index as usize];
        record.directory == directory && *record.name == *name
    }

    /// Adds a record whose path must not be in the table yet.
    pub fn insert(&mut self, record: FileRecord) -> usize {
        let hash = self.hash(record.directory, &record.name);
        let index = if let Some(index) = self.dropped.pop() {
            self.records[index as usize] = record;
            index as usize
        } else {
            self.records.push(record);
            self.records.len() - 1
        };
        let (records, hasher) = (&self.records, &self.hasher);
        self.by_path.insert_unique(hash, index as u32, |&other| {
            let other = &records[other as usize];
            hasher.hash_one((other.directory, &*other.name))
        });
        index
    }

    /// Takes a record out of the table for good.
    pub fn remove(&mut self, index: usize) -> FileRecord {
        let (directory, name) = (self.records[index].directory, self.records[index].name.clone());
        let hash = self.hash(directory, &name);
        if let Ok(entry) = self.by_path.find_entry(hash, |&other| other as usize == index) {
            entry.remove();
        }
        self.dropped.push(index as u32);
        let record = &mut self.records[index];
        record.dropped = true;
        FileRecord {
            directory,
            name,
            reading: record.reading.take(),
            writing: record.writing.take(),
            details: record.details.take(),
            ..*record
        }
    }

    pub fn get(&self, index: usize) -> &FileRecord {
        &self.records[index]
    }

    pub fn get_mut(&mut self, index: usize) -> &mut FileRecord {
        &mut self.records[index]
    }

    /// All living records, in the order of their first event.
    pub fn in_order(&self) -> Vec<&FileRecord> {
        let mut records = Vec::with_capacity(self.records.len() - self.dropped.len());
        records.extend(self.records.iter().filter(|record| !record.dropped));
        records.sort_by_key(|record| record.order);
        records
    }
}
