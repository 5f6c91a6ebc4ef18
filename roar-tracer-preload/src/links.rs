//! Which names of a folder may be symbolic links. To look at each name costs more than all else that is done for it; a
//! folder that many files are read from is listed instead, and the list holds for as long as the folder has not changed.

use hashbrown::{HashMap, HashSet};
use roar_observe::tracer::Tracer;
use roar_trace::path::place::Origin;
use roar_trace::sys;
use roar_trace::{DirectoryId, Identity};
use std::os::fd::{AsRawFd, RawFd};

/// A folder is listed when so many of its names have been asked for.
const ASKED_BEFORE: u32 = 8;
/// Larger ones are not.
const MOST_NAMES: usize = 4096;
const MOST_FOLDERS: usize = 1024;
/// How far a folder's times may be behind the clock: a change in the same step does not show.
const CLOCK_STEP_NS: u64 = 20_000_000;

#[derive(Default)]
pub struct Links {
    folders: HashMap<DirectoryId, Folder>,
}

#[derive(Default)]
struct Folder {
    /// What it was when it was last looked at.
    state: Option<Identity>,
    asked: u32,
    /// The names that are links, or might be; `None`: it has not been listed.
    links: Option<HashSet<Box<[u8]>>>,
    /// The look at the ring after which it was found unchanged.
    look: u64,
}

impl Links {
    /// Whether a name is, or might be, a link. `look` numbers the looks at the ring: what is asked for has happened before
    /// the last one.
    pub fn may_be(&mut self, tracer: &mut Tracer, folder: DirectoryId, name: &[u8], look: u64) -> bool {
        if self.folders.len() >= MOST_FOLDERS && !self.folders.contains_key(&folder) {
            self.folders.clear();
        }
        let known = self.folders.entry(folder).or_default();
        if known.look != look && known.asked <= ASKED_BEFORE {
            known.refresh(tracer, folder, look);
        }
        known.look != look || known.links.as_ref().is_none_or(|links| links.contains(name))
    }
}

impl Folder {
    fn refresh(&mut self, tracer: &mut Tracer, id: DirectoryId, look: u64) {
        let origin = Origin { process: 0, thread: 0, root: None, shared: true };
        let path = tracer.resolver.directories.text(id).to_vec();
        let Ok(known) = tracer.resolver.directory(&origin, None, &path, tracer.now_ms) else { return };
        let descriptor = known.directory.raw();
        let Ok(status) = sys::stat_descriptor(descriptor) else { return };
        if self.state != Some(status.identity) {
            *self = Folder { state: Some(status.identity), ..Folder::default() };
        }
        self.asked += 1;
        if self.links.is_none() && self.asked == ASKED_BEFORE {
            let age_ns = sys::now_ns().saturating_sub(status.identity.ctime_ns as u64);
            if age_ns < CLOCK_STEP_NS {
                self.asked = 0;
            } else if let Some(links) = list(descriptor, status.identity) {
                self.links = Some(links);
            }
        }
        if self.links.is_some() {
            self.asked = 0;
            self.look = look;
        }
    }
}

/// The links in a directory, if it is not large, and is still in the same state after that.
fn list(directory: RawFd, state: Identity) -> Option<HashSet<Box<[u8]>>> {
    // The time of access is the job's: where it can't be left alone, nothing is listed.
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOATIME;
    let open = sys::open_at(directory, b".", flags).ok()?;
    let mut links = HashSet::new();
    let mut count = 0;
    let mut words = [0u64; 4096];
    loop {
        let size = std::mem::size_of_val(&words);
        // SAFETY: the kernel writes at most the size given.
        let read = unsafe { libc::syscall(libc::SYS_getdents64, open.as_raw_fd(), words.as_mut_ptr(), size) };
        let read = usize::try_from(read).ok()?;
        if read == 0 || count > MOST_NAMES {
            break;
        }
        // SAFETY: the kernel has filled so many bytes of the array.
        let mut rest = unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), read.min(size)) };
        while let Some(entry) = take_entry(&mut rest) {
            count += 1;
            if matches!(entry.kind, libc::DT_LNK | libc::DT_UNKNOWN) {
                links.insert(entry.name.into());
            }
        }
    }
    let unchanged = sys::stat_descriptor(open.as_raw_fd()).is_ok_and(|status| status.identity == state);
    (unchanged && count <= MOST_NAMES).then_some(links)
}

struct Entry<'a> {
    kind: u8,
    name: &'a [u8],
}

/// The next `struct linux_dirent64`: inode, offset, length of the entry, kind, name.
fn take_entry<'a>(rest: &mut &'a [u8]) -> Option<Entry<'a>> {
    const NAME: usize = 19;
    let length = usize::from(u16::from_ne_bytes(rest.get(16..18)?.try_into().ok()?));
    let entry = rest.get(..length).filter(|entry| entry.len() > NAME)?;
    *rest = &rest[length..];
    let name = entry[NAME..].split(|&byte| byte == 0).next().unwrap_or(&[]);
    Some(Entry { kind: entry[NAME - 1], name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_list_names_the_links_of_a_folder() {
        let folder = std::env::temp_dir().join(format!("roar-links-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for number in 0..2000 {
            std::fs::write(folder.join(format!("file-{number}")), "").unwrap();
        }
        std::os::unix::fs::symlink("file-1", folder.join("link")).unwrap();
        let open = std::fs::File::open(&folder).unwrap();
        let state = sys::stat_descriptor(open.as_raw_fd()).unwrap().identity;
        let links = list(open.as_raw_fd(), state).unwrap();
        assert!(links.contains(&b"link"[..]) && !links.contains(&b"file-1"[..]));
        std::fs::remove_file(folder.join("file-7")).unwrap();
        assert!(list(open.as_raw_fd(), state).is_none());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
