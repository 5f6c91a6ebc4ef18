//! Renaming, exchanging and linking: a file the job made stays one record, under its last name.

use super::record::{FileRecord, Removal};
use super::{Actor, At, Content, IdSet, Recording};
use crate::identity::Identity;
use crate::path::directories::Directories;

/// What arrives at a new name.
struct Arrival {
    /// Former names, the last one last.
    from: Vec<Vec<u8>>,
    writers: IdSet,
    /// The order of the first write, if the job made the bytes.
    first: Option<u64>,
}

impl Recording {
    /// `rename(2)` of a file. `displaced` is the identity of the file that was at the new name.
    pub fn renamed(
        &mut self,
        directories: &Directories,
        from: &At,
        identity: Identity,
        to: &At,
        displaced: Option<Identity>,
        actor: &Actor,
    ) {
        let arrival = self.depart(directories, from, identity, actor);
        self.arrive(to, arrival, displaced, actor);
    }

    /// `renameat2(2)` with RENAME_EXCHANGE of two files.
    pub fn exchanged(
        &mut self,
        directories: &Directories,
        one: (&At, Identity),
        other: (&At, Identity),
        actor: &Actor,
    ) {
        let first = self.depart(directories, one.0, one.1, actor);
        let second = self.depart(directories, other.0, other.1, actor);
        // A record that has gone with its file was of the job's making: there had been nothing at its name.
        let found = |this: &Recording, at: &At| this.files.find(at.directory, at.name).is_some();
        let (one_found, other_found) = (found(self, one.0), found(self, other.0));
        self.arrive(other.0, first, other_found.then_some(other.1), actor);
        self.arrive(one.0, second, one_found.then_some(one.1), actor);
    }

    /// `link(2)`: a second name. `from` is `None` for a file that had no name yet (O_TMPFILE).
    pub fn linked(
        &mut self,
        directories: &Directories,
        from: Option<&At>,
        identity: Identity,
        to: &At,
        actor: &Actor,
    ) {
        let mut arrival = Arrival { from: Vec::new(), writers: IdSet::None, first: None };
        if let Some(from) = from {
            let (index, order) = self.record_at(from, Some(identity), actor);
            let record = self.files.get(index);
            if let (true, Some(writing)) = (record.is_job_made(), &record.writing) {
                arrival.writers = writing.writers.clone();
                arrival.first = Some(writing.first);
                arrival.from = vec![directories.path(from.directory, from.name)];
            } else {
                self.note_reading(index, order, actor);
            }
        }
        self.arrive(to, arrival, None, actor);
    }

    /// Takes a file from its name. One that the job found there was read; one that it made leaves no trace.
    fn depart(&mut self, directories: &Directories, from: &At, identity: Identity, actor: &Actor) -> Arrival {
        let (index, order) = self.record_at(from, Some(identity), actor);
        let path = directories.path(from.directory, from.name);
        if !self.files.get(index).is_job_made() {
            self.note_reading(index, order, actor);
        }
        let record = self.files.get(index);
        let made = record.is_job_made();
        if made && record.before.is_none() && record.reading.is_none() {
            let FileRecord { writing, .. } = self.files.remove(index);
            let (mut from, writers, first) = writing
                .map_or((Vec::new(), IdSet::None, None), |w| (w.renamed_from, w.writers, Some(w.first)));
            from.push(path);
            return Arrival { from, writers, first };
        }
        let writing = record.writing.as_ref().filter(|_| made);
        let mut from = writing.map_or(Vec::new(), |writing| writing.renamed_from.clone());
        from.push(path);
        let arrival = Arrival {
            from,
            writers: writing.map_or(IdSet::None, |writing| writing.writers.clone()),
            first: writing.map(|writing| writing.first),
        };
        // The bytes live on under the new name: nothing is destroyed.
        self.files.get_mut(index).details_mut().removal = Some(Removal { time_ns: actor.time_ns, identity });
        arrival
    }

    /// Puts a file at a name, in place of what was there.
    fn arrive(&mut self, to: &At, arrival: Arrival, displaced: Option<Identity>, actor: &Actor) {
        let (index, order) = self.record_at(to, displaced, actor);
        self.revive(index);
        let existed = self.files.get(index).before.is_some();
        let writing = self.note_writing(index, displaced, order, actor);
        writing.content = Content::Placed;
        writing.created |= !existed;
        writing.replaced |= existed && displaced.is_some();
        writing.only_appended = false;
        writing.first = writing.first.min(arrival.first.unwrap_or(order));
        writing.writers.extend(&arrival.writers);
        for name in arrival.from {
            if !writing.renamed_from.contains(&name) {
                writing.renamed_from.push(name);
            }
        }
        let record = self.files.get_mut(index);
        record.order = record.order.min(arrival.first.unwrap_or(order));
        if displaced.is_some() {
            record.details_mut().destroyed = true;
        }
    }
}
