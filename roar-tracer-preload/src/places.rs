//! Where a path leads that a program has used a moment ago.
//!
//! Programs say the true path where it is not literally what they used; it may have been renamed since, so that nothing
//! is asked of the file system that need not be. Only names that come without their true path are looked up now.

use crate::links::Links;
use hashbrown::HashMap;
use roar_observe::tracer::Tracer;
use roar_preload::entry::{Head, ASTRAY, FOREIGN, LITERAL, TRUE_PATH};
use roar_preload::state::FIRST;
use roar_trace::fold::At;
use roar_trace::path::place::Origin;
use roar_trace::path::{text, Root, Target};
use roar_trace::sys;
use roar_trace::{DirectoryId, Identity};
use std::borrow::Cow;

/// A name in a directory.
#[derive(Debug)]
pub struct Spot {
    pub directory: DirectoryId,
    pub name: Vec<u8>,
    spelled: Option<Vec<u8>>,
}

impl Spot {
    pub fn at(&self) -> At<'_> {
        At { directory: self.directory, name: &self.name, spelled: self.spelled.as_deref() }
    }
}

/// How a path is to be understood.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub path: &'a [u8],
    pub true_path: &'a [u8],
    /// Links at its end are followed.
    pub follow: bool,
    /// The file that was found there.
    pub file: Option<Identity>,
}

/// What has become of a path.
pub enum Found {
    Spot(Spot),
    /// Nothing that is recorded.
    Unrecorded,
    /// It can't be told.
    Unknown,
    /// A file that has no such name for us.
    Foreign,
}

#[derive(Default)]
pub struct Places {
    /// Working directories by number, as their root names them.
    directories: HashMap<u64, DirectoryId>,
    roots: HashMap<u64, Vec<u8>>,
    /// Whether a directory holds no files in the report's sense, by id.
    pseudo: HashMap<DirectoryId, bool>,
    links: Links,
    /// How often the ring has been looked at.
    pub look: u64,
    first: Vec<u8>,
}

impl Places {
    /// `directory`: where the command starts.
    pub fn new(directory: &[u8]) -> Places {
        Places { first: directory.to_vec(), ..Places::default() }
    }

    pub fn add_directory(&mut self, tracer: &mut Tracer, number: u64, path: &[u8]) {
        self.directories.insert(number, tracer.resolver.directories.intern(path));
    }

    pub fn add_root(&mut self, number: u64, head: &Head, path: &[u8]) {
        let whole = self.in_root(head, path).into_owned();
        self.roots.insert(number, whole);
    }

    /// A path of the caller as we name it.
    pub fn in_root<'a>(&self, head: &Head, path: &'a [u8]) -> Cow<'a, [u8]> {
        match self.roots.get(&head.root).map(|root| text::without_closing_slashes(root)) {
            Some(root) if root != b"/" => Cow::Owned([root, path].concat()),
            _ => Cow::Borrowed(path),
        }
    }

    /// The path of the caller's working directory, as its root names it.
    pub fn directory<'a>(&'a self, tracer: &'a Tracer, head: &Head) -> Option<&'a [u8]> {
        if head.directory == FIRST {
            return Some(&self.first);
        }
        Some(tracer.resolver.directories.text(*self.directories.get(&head.directory)?))
    }

    /// The path made absolute, as the caller's root names it; `None` if it is not known where it starts.
    fn absolute(&self, tracer: &Tracer, head: &Head, path: &[u8]) -> Option<Vec<u8>> {
        if path.first() == Some(&b'/') {
            return Some(text::absolute(b"", path));
        }
        if head.flags & ASTRAY != 0 {
            return None;
        }
        Some(text::absolute(self.directory(tracer, head)?, path))
    }

    pub fn find(&mut self, tracer: &mut Tracer, head: &Head, asked: &Asked) -> Found {
        let spelled = self.absolute(tracer, head, asked.path);
        let found = if head.flags & TRUE_PATH != 0 {
            self.spot(tracer, &self.in_root(head, asked.true_path), None)
        } else if let Some(spelled) = &spelled {
            match head.flags & LITERAL {
                0 => self.look_up(tracer, head, spelled, asked),
                _ => self.literal(tracer, head, spelled, asked),
            }
        } else {
            return Found::Unknown;
        };
        let Found::Spot(mut spot) = found else { return found };
        if head.flags & TRUE_PATH != 0 {
            if let Some(spelled) = spelled.filter(|_| !is_special(asked.path)) {
                let spelled = self.in_root(head, &spelled).into_owned();
                let whole = tracer.resolver.directories.path(spot.directory, &spot.name);
                let alike = spelled == whole || text::without_parents(&spelled) == whole;
                spot.spelled = (!alike).then_some(spelled);
            }
        }
        if head.flags & FOREIGN != 0 && !is_same(tracer, &spot, asked.file) {
            return Found::Foreign;
        }
        Found::Spot(spot)
    }

    /// A path that says literally where it leads, but that its last name may be a link.
    fn literal(&mut self, tracer: &mut Tracer, head: &Head, spelled: &[u8], asked: &Asked) -> Found {
        let whole = self.in_root(head, spelled);
        let found = self.spot(tracer, &whole, None);
        let Found::Spot(spot) = &found else { return found };
        let known = tracer
            .jobs
            .iter()
            .any(|job| job.is_open() && job.recording.files.find(spot.directory, &spot.name).is_some());
        if !known && asked.follow && self.links.may_be(tracer, spot.directory, &spot.name, self.look) {
            let origin = Origin { process: 0, thread: 0, root: None, shared: true };
            let directory = tracer.resolver.directories.text(spot.directory).to_vec();
            let directory = tracer.resolver.directory(&origin, None, &directory, tracer.now_ms);
            let status = directory
                .and_then(|known| sys::stat_at(known.directory.raw(), &spot.name, libc::AT_SYMLINK_NOFOLLOW));
            if status.is_ok_and(|status| status.is_link()) {
                return self.look_up(tracer, head, spelled, asked);
            }
        }
        found
    }

    /// A path that is looked up only now. Where its directory has gone, its text has to do.
    fn look_up(&mut self, tracer: &mut Tracer, head: &Head, spelled: &[u8], asked: &Asked) -> Found {
        if is_special(spelled) {
            return if spelled.starts_with(b"/proc/") { Found::Unrecorded } else { Found::Unknown };
        }
        let now_ms = tracer.now_ms;
        let process = head.process as i32;
        let plain = Origin { process, thread: process, root: None, shared: true };
        let root = self.roots.get(&head.root).and_then(|root| {
            let known = tracer.resolver.directory(&plain, None, root, now_ms).ok()?;
            Some(Root { directory: known.directory, foreign: false })
        });
        let origin = Origin { root: root.as_ref(), shared: root.is_none(), ..plain };
        let path = text::without_closing_slashes(spelled);
        match tracer.resolver.resolve(&origin, None, path, asked.follow, now_ms) {
            Target::Missing(place) | Target::Found(place, _) => {
                if place.directory.pseudo {
                    return Found::Unrecorded;
                }
                let spot = Spot { directory: place.directory.id, name: place.name, spelled: place.spelled };
                Found::Spot(spot)
            }
            Target::Unnamed(_) => Found::Unrecorded,
            Target::Nothing => self.spot(tracer, &self.in_root(head, &text::without_parents(path)), None),
        }
    }

    fn spot(&mut self, tracer: &mut Tracer, whole: &[u8], spelled: Option<Vec<u8>>) -> Found {
        let (directory, name) = text::split(whole);
        if name.is_empty() || whole.first() != Some(&b'/') {
            return Found::Unrecorded;
        }
        let id = tracer.resolver.directories.intern(text::without_closing_slashes(directory));
        if self.is_pseudo(tracer, id) {
            return Found::Unrecorded;
        }
        Found::Spot(Spot { directory: id, name: name.to_vec(), spelled })
    }

    fn is_pseudo(&mut self, tracer: &mut Tracer, id: DirectoryId) -> bool {
        if let Some(&known) = self.pseudo.get(&id) {
            return known;
        }
        let origin = Origin { process: 0, thread: 0, root: None, shared: true };
        let path = tracer.resolver.directories.text(id).to_vec();
        let known = tracer.resolver.directory(&origin, None, &path, tracer.now_ms);
        let pseudo = known.is_ok_and(|known| known.directory.pseudo);
        self.pseudo.insert(id, pseudo);
        pseudo
    }
}

/// Names that mean something else to each process.
fn is_special(path: &[u8]) -> bool {
    path.starts_with(b"/proc/") || path.starts_with(b"/dev/fd/") || path.starts_with(b"/dev/std")
}

fn is_same(tracer: &Tracer, spot: &Spot, file: Option<Identity>) -> bool {
    let path = tracer.resolver.directories.path(spot.directory, &spot.name);
    let there = sys::stat_at(libc::AT_FDCWD, &path, libc::AT_SYMLINK_NOFOLLOW);
    let number = |identity: Identity| (identity.device, identity.inode);
    there.is_ok_and(|there| file.is_some_and(|file| number(file) == number(there.identity)))
}
