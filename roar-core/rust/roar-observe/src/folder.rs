//! The regular files below a directory.

use roar_trace::identity::Identity;
use roar_trace::path::text;
use roar_trace::sys;
use std::ffi::CStr;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};

pub struct Entry {
    /// The folder's path below the directory that was asked about; empty for itself.
    pub folder: Vec<u8>,
    pub name: Vec<u8>,
    pub identity: Identity,
}

/// All regular files below `name`; `None` if there are more than `limit` entries.
pub fn files_below(directory: RawFd, name: &[u8], limit: usize) -> Option<Vec<Entry>> {
    let top = sys::open_at(directory, name, libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW).ok()?;
    let mut files = Vec::new();
    let mut seen = 0;
    let mut pending = vec![(top, Vec::new())];
    while let Some((open, folder)) = pending.pop() {
        let names = names_in(&open)?;
        seen += names.len();
        if seen > limit {
            return None;
        }
        for name in names {
            let Ok(status) = sys::stat_at(open.as_raw_fd(), &name, libc::AT_SYMLINK_NOFOLLOW) else {
                continue;
            };
            if status.is_file() {
                files.push(Entry { folder: folder.clone(), name, identity: status.identity });
            } else if status.is_directory() {
                let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;
                if let Ok(below) = sys::open_at(open.as_raw_fd(), &name, flags) {
                    let path = if folder.is_empty() { name } else { text::join(&folder, &name) };
                    pending.push((below, path));
                }
            }
        }
    }
    Some(files)
}

/// Whether a directory has no entries.
pub fn is_empty(directory: RawFd, name: &[u8]) -> bool {
    let open = sys::open_at(directory, name, libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW);
    open.ok().and_then(|open| names_in(&open)).is_some_and(|names| names.is_empty())
}

fn names_in(directory: &OwnedFd) -> Option<Vec<Vec<u8>>> {
    let copy = directory.try_clone().ok()?;
    let mut names = Vec::new();
    // SAFETY: fdopendir takes over the copied descriptor; entries are used before the next readdir; the stream is
    // closed once.
    unsafe {
        let stream = libc::fdopendir(copy.into_raw_fd());
        if stream.is_null() {
            return None;
        }
        loop {
            let entry = libc::readdir(stream);
            if entry.is_null() {
                break;
            }
            let name = CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes();
            if name != b"." && name != b".." {
                names.push(name.to_vec());
            }
        }
        libc::closedir(stream);
    }
    Some(names)
}
