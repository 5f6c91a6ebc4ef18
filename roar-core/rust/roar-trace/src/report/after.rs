//! A path's state when the report is closed, however long the path.

use crate::identity::Identity;
use crate::path::directories::{Directories, DirectoryId};
use crate::sys::{self, Errno};
use hashbrown::HashMap;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// Looks at files, many of which lie in the same directories, and most in that of the one before.
#[derive(Default)]
pub struct Looker {
    open: HashMap<DirectoryId, OwnedFd>,
    last: Option<(DirectoryId, RawFd)>,
}

impl Looker {
    /// The identity of the regular file of that name in a directory, `None` if there is none.
    pub fn identity_of(
        &mut self,
        directories: &Directories,
        directory: DirectoryId,
        name: &[u8],
    ) -> Option<Identity> {
        if let Some(open) = self.directory(directories, directory) {
            return identity(sys::stat_at(open, name, libc::AT_SYMLINK_NOFOLLOW));
        }
        identity_at(&directories.path(directory, name))
    }

    fn directory(&mut self, directories: &Directories, directory: DirectoryId) -> Option<RawFd> {
        const MOST_OPEN: usize = 64;
        if let Some((_, open)) = self.last.filter(|(last, _)| *last == directory) {
            return Some(open);
        }
        if !self.open.contains_key(&directory) {
            if self.open.len() >= MOST_OPEN {
                self.open.clear();
                self.last = None;
            }
            let flags = sys::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW;
            let open = sys::open_at(libc::AT_FDCWD, directories.text(directory), flags).ok()?;
            self.open.insert(directory, open);
        }
        let open = self.open.get(&directory)?.as_raw_fd();
        self.last = Some((directory, open));
        Some(open)
    }
}

fn identity(status: sys::Result<crate::Status>) -> Option<Identity> {
    status.ok().filter(|status| status.is_file()).map(|status| status.identity)
}

/// The identity of the regular file at an absolute path, `None` if there is none.
pub fn identity_at(path: &[u8]) -> Option<Identity> {
    identity(match sys::stat_at(libc::AT_FDCWD, path, libc::AT_SYMLINK_NOFOLLOW) {
        Err(Errno(libc::ENAMETOOLONG)) => stat_deep(path),
        other => other,
    })
}

/// Walks in pieces that the kernel accepts (4,095 bytes at a time).
fn stat_deep(path: &[u8]) -> sys::Result<crate::Status> {
    const PIECE: usize = 4000;
    let mut here: Option<OwnedFd> = None;
    let mut rest = path;
    while rest.len() > PIECE {
        let end = rest[..PIECE].iter().rposition(|&byte| byte == b'/').ok_or(Errno(libc::ENAMETOOLONG))?;
        let start = here.as_ref().map_or(libc::AT_FDCWD, |here| here.as_raw_fd());
        let piece = if end == 0 { &b"/"[..] } else { &rest[..end] };
        here = Some(sys::open_at(start, piece, sys::O_PATH | libc::O_DIRECTORY)?);
        rest = &rest[end + 1..];
    }
    let start = here.as_ref().map_or(libc::AT_FDCWD, |here| here.as_raw_fd());
    sys::stat_at(start, rest, libc::AT_SYMLINK_NOFOLLOW)
}
