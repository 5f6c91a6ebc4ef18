//! From the text of a path to a name in a directory.

use super::cache::{DirectoryCache, Known};
use super::directories::Directories;
use super::place::{OpenDirectory, Origin, Place, Root, Target};
use super::walk::{self, Standing};
use super::{climb, text};
use crate::identity::Status;
use crate::sys::{self, Errno};
use std::os::fd::OwnedFd;
use std::rc::Rc;

const DIRECTORY: i32 = sys::O_PATH | libc::O_DIRECTORY;
const MOST_LINKS: u32 = 40;

pub struct Resolver {
    pub directories: Directories,
    cache: DirectoryCache,
    own_proc: Vec<u8>,
}

impl Resolver {
    /// A resolver that holds at most `open_directories` directories open.
    pub fn new(open_directories: usize) -> Resolver {
        Resolver {
            directories: Directories::default(),
            cache: DirectoryCache::new(open_directories),
            own_proc: format!("/proc/{}", std::process::id()).into_bytes(),
        }
    }

    /// Forgets what is held open: directories, links or mounts have changed.
    pub fn forget(&mut self) {
        self.cache.clear();
    }

    /// The directory and last name that `path` means for the caller, without looking at the name. `base` is where
    /// a relative path starts. `None` if there is no such directory, or the path can only be a directory.
    pub fn locate(
        &mut self,
        origin: &Origin,
        base: Option<&Rc<OpenDirectory>>,
        path: &[u8],
        now_ms: u64,
    ) -> Option<Place> {
        let (directory, name) = text::split(path);
        if name.is_empty() {
            return None;
        }
        let known = self.directory(origin, base, directory, now_ms).ok()?;
        let spelled = known.spelled.as_ref().map(|spelled| text::join(spelled, name));
        Some(Place { directory: known.directory, name: name.to_vec(), spelled })
    }

    /// What is at a place; with `follow`, at the end of the links that begin there.
    pub fn look(&mut self, origin: &Origin, place: Place, follow: bool, now_ms: u64) -> Target {
        self.finish(origin, place, follow, now_ms, 0)
    }

    /// `locate` and `look` in one.
    pub fn resolve(
        &mut self,
        origin: &Origin,
        base: Option<&Rc<OpenDirectory>>,
        path: &[u8],
        follow: bool,
        now_ms: u64,
    ) -> Target {
        match self.locate(origin, base, path, now_ms) {
            Some(place) => self.look(origin, place, follow, now_ms),
            None => Target::Nothing,
        }
    }

    /// The directory that `path` leads to; the empty path is `base` itself.
    pub fn directory(
        &mut self,
        origin: &Origin,
        base: Option<&Rc<OpenDirectory>>,
        path: &[u8],
        now_ms: u64,
    ) -> sys::Result<Known> {
        let base = if path.first() == Some(&b'/') { None } else { base };
        if path.is_empty() {
            let directory = base.ok_or(Errno(libc::ENOENT))?.clone();
            return Ok(Known { directory, spelled: None });
        }
        let key = base.map(|base| base.id);
        if origin.shared {
            if let Some(known) = self.cache.get(key, path, now_ms) {
                return Ok(known.clone());
            }
        }
        let (directory, plain) = self.open(origin, base, path)?;
        let spelled = text::absolute(base.map_or(b"", |base| self.directories.text(base.id)), path);
        let canonical = self.directories.text(directory.id);
        let alike = spelled == canonical || text::without_parents(&spelled) == canonical;
        let known = Known { directory: Rc::new(directory), spelled: (!alike).then(|| spelled.into()) };
        if plain && origin.shared && !known.directory.pseudo {
            self.cache.insert(key, path, known.clone(), now_ms);
        }
        Ok(known)
    }

    /// Opens a directory; true if the answer is the same for every caller with our root.
    fn open(
        &mut self,
        origin: &Origin,
        base: Option<&Rc<OpenDirectory>>,
        path: &[u8],
    ) -> sys::Result<(OpenDirectory, bool)> {
        if origin.root.is_none() {
            let start = base.map_or(libc::AT_FDCWD, |base| base.raw());
            match sys::open_directory(start, path) {
                Ok(descriptor) => match self.describe(descriptor, origin) {
                    Ok(directory) => {
                        if !self.is_own_proc(&directory) {
                            return Ok((directory, true));
                        }
                    }
                    Err(Errno(libc::ENAMETOOLONG)) => {}
                    Err(other) => return Err(other),
                },
                // A magic link, or a kernel without openat2.
                Err(Errno(libc::ELOOP | libc::ENOSYS)) => {}
                Err(other) => return Err(other),
            }
        }
        let root = match origin.root {
            Some(root) => self.standing(&root.directory)?,
            None => {
                Standing { descriptor: sys::open_at(libc::AT_FDCWD, b"/", DIRECTORY)?, text: b"/".to_vec() }
            }
        };
        let start = match base {
            Some(base) => self.standing(base)?,
            None => self.standing_copy(&root)?,
        };
        let end = walk::walk(origin, &start, &root, path)?;
        Ok((self.describe_as(end.descriptor, &end.text, origin)?, false))
    }

    /// What is known of a directory that has just been opened.
    pub fn describe(&mut self, descriptor: OwnedFd, origin: &Origin) -> sys::Result<OpenDirectory> {
        let mut buffer = [0u8; 4352];
        let name = sys::descriptor_path(&descriptor, &mut buffer)?;
        self.describe_as(descriptor, name, origin)
    }

    /// As `describe`, also for directories whose path is longer than the kernel can tell.
    pub fn describe_deep(&mut self, descriptor: OwnedFd, origin: &Origin) -> sys::Result<OpenDirectory> {
        let name = climb::path_of(&descriptor)?;
        self.describe_as(descriptor, &name, origin)
    }

    /// The name by which our mount namespace knows a directory of another one. Where our root is not that of our
    /// namespace, the kernel names what lies beyond it from there: then the caller's root is taken away.
    fn own_name<'a>(&self, root: &Root, name: &'a [u8], status: &Status) -> Option<&'a [u8]> {
        let root = self.directories.text(root.directory.id);
        let below = name.strip_prefix(root).filter(|below| below.first() == Some(&b'/'));
        [Some(name), below]
            .into_iter()
            .flatten()
            .find(|name| sys::stat_at(libc::AT_FDCWD, name, 0).is_ok_and(|ours| ours.same_inode(status)))
    }

    fn describe_as(
        &mut self,
        descriptor: OwnedFd,
        name: &[u8],
        origin: &Origin,
    ) -> sys::Result<OpenDirectory> {
        use std::os::fd::AsRawFd;
        if name.first() != Some(&b'/') {
            return Err(Errno(libc::ENOENT)); // on a mount that has been taken away
        }
        let status = sys::stat_descriptor(descriptor.as_raw_fd())?;
        let pseudo = sys::is_pseudo(sys::filesystem_type(descriptor.as_raw_fd())?);
        let own = match origin.root.filter(|root| root.foreign) {
            Some(root) => self.own_name(root, name, &status),
            None => Some(name),
        };
        let foreign = own.is_none();
        let own = own.unwrap_or(name).to_vec();
        let id = self.directories.intern(&own);
        Ok(OpenDirectory { descriptor, id, status, pseudo, foreign })
    }

    fn finish(&mut self, origin: &Origin, place: Place, follow: bool, now_ms: u64, links: u32) -> Target {
        let directory = place.directory.clone();
        let name = &place.name[..];
        let status = match sys::stat_at(directory.raw(), name, libc::AT_SYMLINK_NOFOLLOW) {
            Ok(status) => status,
            Err(Errno(libc::ENOENT)) => return Target::Missing(place),
            Err(_) => return Target::Nothing,
        };
        if !status.is_link() || !follow {
            return Target::Found(place, status);
        }
        if links >= MOST_LINKS {
            return Target::Nothing;
        }
        if directory.pseudo {
            return self.follow_magic(origin, place, now_ms);
        }
        let mut buffer = [0u8; 4352];
        let target = match sys::read_link_at(directory.raw(), name, &mut buffer) {
            Ok(target) => target,
            Err(_) => return Target::Nothing,
        };
        let (before, last) = text::split(target);
        if last.is_empty() {
            return Target::Nothing;
        }
        let spelled = place.spelled.unwrap_or_else(|| self.directories.path(directory.id, &place.name));
        let Ok(known) = self.directory(origin, Some(&directory), before, now_ms) else {
            return Target::Nothing;
        };
        let next = Place { directory: known.directory, name: last.to_vec(), spelled: Some(spelled) };
        self.finish(origin, next, follow, now_ms, links + 1)
    }

    /// Where a link on procfs leads: the kernel follows it without reading its text.
    fn follow_magic(&mut self, origin: &Origin, place: Place, now_ms: u64) -> Target {
        let directory = place.directory.raw();
        let name = &place.name[..];
        let Ok(status) = sys::stat_at(directory, name, 0) else { return Target::Nothing };
        if !status.is_file() {
            return Target::Found(place, status);
        }
        let mut buffer = [0u8; 4352];
        let Ok(path) = sys::read_link_at(directory, name, &mut buffer) else {
            return Target::Unnamed(status);
        };
        self.named(origin, path, status, now_ms)
    }

    /// The place of an open file whose path the kernel has told, if it still has that name.
    pub fn named(&mut self, origin: &Origin, path: &[u8], status: crate::Status, now_ms: u64) -> Target {
        let (before, last) = text::split(path);
        if path.first() != Some(&b'/') || last.is_empty() {
            return Target::Unnamed(status);
        }
        let own = Origin { root: None, ..*origin };
        let Ok(known) = self.directory(&own, None, before, now_ms) else { return Target::Unnamed(status) };
        let place = Place { directory: known.directory, name: last.to_vec(), spelled: None };
        match sys::stat_at(place.directory.raw(), last, libc::AT_SYMLINK_NOFOLLOW) {
            Ok(there) if there.same_inode(&status) => Target::Found(place, there),
            _ => Target::Unnamed(status),
        }
    }

    fn is_own_proc(&self, directory: &OpenDirectory) -> bool {
        let rest = self.directories.text(directory.id).strip_prefix(&self.own_proc[..]);
        directory.pseudo && rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    }

    fn standing(&self, directory: &OpenDirectory) -> sys::Result<Standing> {
        let descriptor = directory.descriptor.try_clone().map_err(|_| Errno::last())?;
        Ok(Standing { descriptor, text: self.directories.text(directory.id).to_vec() })
    }

    fn standing_copy(&self, standing: &Standing) -> sys::Result<Standing> {
        let descriptor = standing.descriptor.try_clone().map_err(|_| Errno::last())?;
        Ok(Standing { descriptor, text: standing.text.clone() })
    }
}
