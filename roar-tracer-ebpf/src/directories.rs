//! The directories that the kernel has told, by their fingerprints.

use crate::events;
use hashbrown::HashMap;
use roar_trace::path::directories::{Directories, DirectoryId};
use roar_trace::path::text;

/// A directory as our own mount namespace may name it.
#[derive(Clone, Copy)]
pub struct Known {
    pub id: DirectoryId,
    /// It was reached in another mount namespace: the name may mean something else here, or nothing.
    pub foreign: bool,
}

/// What the kernel has told; paths are as our own root names them.
#[derive(Default)]
pub struct KnownDirectories {
    known: HashMap<u64, Known>,
    /// Where the paths of our own namespace end, and our own root's path from there.
    own: Option<(u32, Vec<u8>)>,
}

impl KnownDirectories {
    /// Takes in a directory. The first one is our own root.
    pub fn add(&mut self, told: &events::Directory, directories: &mut Directories) {
        let whole = path_of(told.names);
        let (mount, root) = self.own.get_or_insert_with(|| (told.mount, whole.clone()));
        let below = if *root == b"/" { Some(&whole[..]) } else { whole.strip_prefix(&root[..]) };
        let below = below.filter(|below| below.is_empty() || below[0] == b'/');
        let foreign = *mount != told.mount || below.is_none();
        let path = match below {
            Some(b"") => b"/",
            Some(below) => below,
            None => &whole[..],
        };
        self.known.insert(told.mark, Known { id: directories.intern(path), foreign });
    }

    pub fn get(&self, mark: u64) -> Option<Known> {
        self.known.get(&mark).copied()
    }
}

/// The path from its names, of which the innermost comes first.
fn path_of(names: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(names.len() + 1);
    for name in names.split(|&byte| byte == 0).rev().filter(|name| !name.is_empty()) {
        path.push(b'/');
        path.extend_from_slice(name);
    }
    if path.is_empty() {
        path.push(b'/');
    }
    path
}

/// An absolute path from a directory's and one that starts there; `root` is what `/` means.
pub fn absolute(start: &[u8], path: &[u8]) -> Vec<u8> {
    text::join(start, path.strip_prefix(b"/").unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(mark: u64, mount: u32, names: &[u8]) -> events::Directory<'_> {
        events::Directory { mark, mount, names }
    }

    #[test]
    fn test_paths_are_put_together_from_the_outermost_name() {
        let (mut known, mut directories) = (KnownDirectories::default(), Directories::default());
        known.add(&told(1, 7, b""), &mut directories);
        known.add(&told(2, 7, b"c\0b\0"), &mut directories);
        known.add(&told(3, 8, b"c\0"), &mut directories);
        let text = |mark| directories.text(known.get(mark).unwrap().id);
        assert_eq!((text(1), text(2), text(3)), (&b"/"[..], &b"/b/c"[..], &b"/c"[..]));
        assert!(!known.get(2).unwrap().foreign);
        assert!(known.get(3).unwrap().foreign);
        assert!(known.get(4).is_none());
    }

    #[test]
    fn test_paths_are_below_our_own_root_where_that_was_changed() {
        let (mut known, mut directories) = (KnownDirectories::default(), Directories::default());
        known.add(&told(1, 7, b"jail\0"), &mut directories);
        known.add(&told(2, 7, b"a\0jail\0"), &mut directories);
        known.add(&told(3, 7, b"jailbird\0"), &mut directories);
        assert_eq!(directories.text(known.get(1).unwrap().id), b"/");
        assert_eq!(directories.text(known.get(2).unwrap().id), b"/a");
        assert!(known.get(3).unwrap().foreign);
    }
}
