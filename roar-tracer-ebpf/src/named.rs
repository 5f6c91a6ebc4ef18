//! Calls that name paths: they have succeeded by the time they are told.

use crate::directories::{absolute, Known};
use crate::events::{self, Change, Header, Named};
use crate::files::device;
use crate::members::Author;
use crate::source::Events;
use roar_observe::folder;
use roar_observe::tracer::Tracer;
use roar_trace::fold::At;
use roar_trace::identity::{Identity, Status};
use roar_trace::path::directories::DirectoryId;
use roar_trace::path::place::Origin;
use roar_trace::path::{text, Target};
use roar_trace::sys;

/// As in bpf/calls.h.
const RENAME: u32 = 8;
const LINK: u32 = 10;
const UNLINK: u32 = 11;
const TRUNCATE: u32 = 14;

const EXCHANGE: u64 = 2;
/// A renamed directory is renamed file by file up to this many.
const MOST_ENTRIES: usize = 10_000;

/// What a rename has moved or displaced.
enum Party {
    File(Identity),
    Directory,
    /// A link or a special file.
    Other,
    Nobody,
}

/// A name in a directory, by its canonical path.
pub struct Spot {
    directory: DirectoryId,
    name: Vec<u8>,
    foreign: bool,
}

impl Spot {
    fn at(&self) -> At<'_> {
        At { directory: self.directory, name: &self.name, spelled: None }
    }
}

impl Events {
    pub fn named(&mut self, tracer: &mut Tracer, header: &Header, named: &Named) {
        let Some(author) = self.members.author(tracer, header) else {
            // What others of ours rename is renamed for the job as well.
            tracer.resolver.forget();
            return self.check_image(header);
        };
        match header.detail {
            RENAME => self.renamed(tracer, author, header, named),
            LINK => self.linked(tracer, author, header, named),
            UNLINK => self.unlinked(tracer, author, header, named),
            TRUNCATE => self.truncated(tracer, author, header, named),
            _ => {}
        }
    }

    /// The name that a path means, its directory without links; `None` for kernel state, or if it is no name.
    fn spot(&mut self, tracer: &mut Tracer, author: Author, (start, path): (u64, &[u8])) -> Option<Spot> {
        let Some(Known { id, foreign }) = self.directories.get(start) else {
            self.missed += 1;
            return None;
        };
        let path = text::without_closing_slashes(path);
        let spot = match text::split(path) {
            (_, b"") => return None,
            (b"", name) => Spot { directory: id, name: name.to_vec(), foreign },
            (_, name) => {
                let whole = absolute(tracer.resolver.directories.text(id), path);
                let (directory, _) = text::split(&whole);
                let directory = directory.to_vec();
                let own = own_origin();
                match tracer.resolver.directory(&own, None, &directory, tracer.now_ms) {
                    Ok(known) if known.directory.pseudo => return None,
                    Ok(known) => Spot { directory: known.directory.id, name: name.to_vec(), foreign },
                    // It has been renamed or removed since.
                    Err(_) => {
                        let lexical = text::without_parents(&directory);
                        let directory = tracer.resolver.directories.intern(&lexical);
                        Spot { directory, name: name.to_vec(), foreign }
                    }
                }
            }
        };
        let whole = self.path(tracer, &spot);
        let recording = &mut tracer.jobs[author.job].recording;
        if tracer.ignore.iter().any(|prefix| whole.starts_with(prefix)) {
            recording.ignored += 1;
            return None;
        }
        Some(spot)
    }

    fn path(&self, tracer: &Tracer, spot: &Spot) -> Vec<u8> {
        tracer.resolver.directories.path(spot.directory, &spot.name)
    }

    /// What is there now, where names mean the same to us.
    fn look(&self, tracer: &Tracer, spot: &Spot) -> Option<Status> {
        if spot.foreign {
            return None;
        }
        sys::stat_at(libc::AT_FDCWD, &self.path(tracer, spot), libc::AT_SYMLINK_NOFOLLOW).ok()
    }

    fn renamed(&mut self, tracer: &mut Tracer, author: Author, header: &Header, named: &Named) {
        let (Some(from), Some(to)) =
            (self.spot(tracer, author, named.paths[0]), self.spot(tracer, author, named.paths[1]))
        else {
            return;
        };
        if (from.directory, &from.name) == (to.directory, &to.name) {
            return;
        }
        let (moved, displaced) = self.parties(tracer, author, (&from, &to), named);
        let actor = self.actor(author, header);
        let identity = match moved {
            Party::File(identity) => identity,
            Party::Directory => {
                return self.directory_renamed(tracer, author, header, (&from, &to), named.number);
            }
            Party::Other => {
                if let Party::File(displaced) = displaced {
                    self.let_go(tracer, author, &to.at(), &actor);
                    tracer.jobs[author.job].recording.removed(&to.at(), displaced, &actor);
                }
                return tracer.resolver.forget();
            }
            Party::Nobody => return,
        };
        if named.number & EXCHANGE != 0 {
            let other = match displaced {
                Party::File(other) => other,
                _ => identity.without_state(),
            };
            let recording = &mut tracer.jobs[author.job].recording;
            let directories = &tracer.resolver.directories;
            return recording.exchanged(directories, (&from.at(), identity), (&to.at(), other), &actor);
        }
        self.let_go(tracer, author, &to.at(), &actor);
        self.held.forget(&from.at());
        let unseen = self.changes(tracer, &to, named).is_none();
        let recording = &mut tracer.jobs[author.job].recording;
        let known = match displaced {
            Party::File(displaced) => Some(displaced),
            _ => None,
        };
        recording.renamed(&tracer.resolver.directories, &from.at(), identity, &to.at(), known, &actor);
        if unseen && known.is_none() {
            recording.creation_unknown(&to.at());
        }
    }

    /// What has been moved, and what has been displaced.
    fn parties(
        &mut self,
        tracer: &Tracer,
        author: Author,
        (from, to): (&Spot, &Spot),
        named: &Named,
    ) -> (Party, Party) {
        let there = self.look(tracer, to);
        let recording = &tracer.jobs[author.job].recording;
        let (known, displaced) = (recording.present(&from.at()), recording.present(&to.at()));
        let as_known = |known: Option<Identity>| known.map_or(Party::Nobody, Party::File);
        let Some(changes) = self.changes(tracer, to, named) else {
            // An older kernel: what is there now, or what is known.
            let moved = match there {
                Some(there) if there.is_file() => Party::File(there.identity),
                Some(there) if there.is_directory() => Party::Directory,
                Some(_) => Party::Other,
                None => as_known(known),
            };
            return (moved, as_known(displaced));
        };
        let inode = there.map(|there| there.identity.inode).or(known.map(|known| known.inode));
        match changes[..] {
            [] => (Party::Directory, Party::Nobody),
            [only] => match there {
                // A link or a file that is in place of it by now is not a directory that was moved.
                Some(there) if there.is_directory() => (Party::Directory, self.party(&only)),
                _ => (self.party(&only), Party::Nobody),
            },
            [first, second, ..] if inode == Some(second.inode) => (self.party(&second), self.party(&first)),
            [first, second, ..] => (self.party(&first), self.party(&second)),
        }
    }

    /// What the call changed; `None` where the kernel does not tell, or tells of a filesystem below this one
    /// (overlayfs).
    fn changes<'a>(&self, tracer: &Tracer, spot: &Spot, named: &'a Named) -> Option<&'a [Change]> {
        let changes = named.changes.as_deref()?;
        let directory = tracer.resolver.directories.text(spot.directory);
        let shown = sys::stat_at(libc::AT_FDCWD, directory, 0).map(|status| status.identity.device);
        changes
            .iter()
            .all(|change| shown.map_or(true, |shown| shown == device(change.device)))
            .then_some(changes)
    }

    fn party(&self, change: &Change) -> Party {
        match change.mode & libc::S_IFMT {
            libc::S_IFREG => Party::File(Identity {
                device: device(change.device),
                inode: change.inode,
                size: change.size,
                mtime_ns: change.mtime_ns,
                ctime_ns: change.ctime_ns,
            }),
            _ => Party::Other,
        }
    }

    /// Renames what is in a directory, file by file.
    fn directory_renamed(
        &mut self,
        tracer: &mut Tracer,
        author: Author,
        header: &Header,
        (from, to): (&Spot, &Spot),
        flags: u64,
    ) {
        tracer.resolver.forget();
        let (old, new) = (self.path(tracer, from), self.path(tracer, to));
        let actor = self.actor(author, header);
        let entries = match folder::files_below(libc::AT_FDCWD, &new, MOST_ENTRIES) {
            Some(entries) if flags & EXCHANGE == 0 && !to.foreign => entries,
            _ => {
                let detail = format!("`{}` is too large to be followed", String::from_utf8_lossy(&old));
                let recording = &mut tracer.jobs[author.job].recording;
                return recording.add_gap("directory_renamed", Some(author.line), detail);
            }
        };
        for entry in entries {
            let directories = &mut tracer.resolver.directories;
            let before = directories.intern(&text::join(&old, &entry.folder));
            let after = directories.intern(&text::join(&new, &entry.folder));
            let before = At { directory: before, name: &entry.name, spelled: None };
            let after = At { directory: after, name: &entry.name, spelled: None };
            let recording = &mut tracer.jobs[author.job].recording;
            // Made since, under the new name.
            let is_newer = entry.identity.ctime_ns as u64 > actor.time_ns;
            if is_newer && recording.present(&before).is_none() {
                continue;
            }
            self.held.forget(&before);
            recording.renamed(directories, &before, entry.identity, &after, None, &actor);
        }
    }

    fn linked(&mut self, tracer: &mut Tracer, author: Author, header: &Header, named: &Named) {
        let Some(to) = self.spot(tracer, author, named.paths[1]) else { return };
        let from = self.spot(tracer, author, named.paths[0]);
        let known = from.as_ref().and_then(|from| tracer.jobs[author.job].recording.present(&from.at()));
        let there = self.look(tracer, &to).filter(Status::is_file).map(|status| status.identity);
        let Some(identity) = there.or(known) else { return };
        let actor = self.actor(author, header);
        let from = from.as_ref().map(Spot::at);
        let recording = &mut tracer.jobs[author.job].recording;
        recording.linked(&tracer.resolver.directories, from.as_ref(), identity, &to.at(), &actor);
    }

    fn unlinked(&mut self, tracer: &mut Tracer, author: Author, header: &Header, named: &Named) {
        let Some(spot) = self.spot(tracer, author, named.paths[0]) else { return };
        let known = tracer.jobs[author.job].recording.present(&spot.at()).map(Identity::without_state);
        let removed = match self.changes(tracer, &spot, named) {
            Some(changes) => match changes.first().map(|change| self.party(change)) {
                Some(Party::File(identity)) => Some(identity),
                _ => None,
            },
            None => known,
        };
        let Some(identity) = removed else {
            // It may have been a link that leads to a directory.
            return tracer.resolver.forget();
        };
        let actor = self.actor(author, header);
        self.let_go(tracer, author, &spot.at(), &actor);
        tracer.jobs[author.job].recording.removed(&spot.at(), identity, &actor);
    }

    fn truncated(&mut self, tracer: &mut Tracer, author: Author, header: &Header, named: &Named) {
        let (start, path) = named.paths[0];
        let Some(known) = self.directories.get(start).filter(|known| !known.foreign) else { return };
        let whole = absolute(tracer.resolver.directories.text(known.id), path);
        let target = tracer.resolver.resolve(&own_origin(), None, &whole, true, tracer.now_ms);
        let Target::Found(place, status) = target else { return };
        if !status.is_file() || place.directory.pseudo {
            return;
        }
        let actor = self.actor(author, header);
        self.let_go(tracer, author, &place.at(), &actor);
        let at = At { spelled: None, ..place.at() };
        let before = Identity::without_state(status.identity);
        tracer.jobs[author.job].recording.truncated(&at, named.number == 0, before, &actor);
    }

    /// An event of an image that was never told counts as lost.
    pub fn check_image(&mut self, header: &Header) {
        // 0: the command before its exec, which is ours.
        if header.image != 0 && self.members.image(header.image).is_none() && header.kind != events::EXITED {
            self.missed += 1;
        }
    }
}

/// Our own view of names.
pub fn own_origin() -> Origin<'static> {
    let process = std::process::id() as i32;
    Origin { process, thread: process, root: None, shared: true }
}
