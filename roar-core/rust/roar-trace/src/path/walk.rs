//! Following a path component by component, as the kernel would for the caller.
//!
//! Needed where the kernel, asked by us, would answer for us: `/proc/self`, `/dev/fd`, another root directory,
//! and where the canonical path is too long to be read back.

use super::place::Origin;
use super::text;
use crate::sys::{self, Errno};
use std::os::fd::{AsRawFd, OwnedFd};

const PROC_ROOT_INODE: u64 = 1;
const MOST_LINKS: usize = 40;
const DIRECTORY: i32 = sys::O_PATH | libc::O_DIRECTORY;

/// A directory reached so far.
pub struct Standing {
    pub descriptor: OwnedFd,
    pub text: Vec<u8>,
}

impl Standing {
    fn copy(&self) -> sys::Result<Standing> {
        let descriptor = self.descriptor.try_clone().map_err(|_| Errno::last())?;
        Ok(Standing { descriptor, text: self.text.clone() })
    }
}

/// Follows `path`, which must lead to a directory, from `base` (where relative) or `root`.
pub fn walk(origin: &Origin, base: &Standing, root: &Standing, path: &[u8]) -> sys::Result<Standing> {
    let root_status = sys::stat_descriptor(root.descriptor.as_raw_fd())?;
    let mut here = if path.first() == Some(&b'/') { root.copy()? } else { base.copy()? };
    let mut pending: Vec<Vec<u8>> = Vec::new();
    push_components(&mut pending, path);
    let mut links = 0;
    while let Some(component) = pending.pop() {
        let directory = here.descriptor.as_raw_fd();
        if component == b".." {
            if sys::stat_descriptor(directory)?.same_inode(&root_status) {
                continue;
            }
            here.descriptor = sys::open_at(directory, b"..", DIRECTORY)?;
            text::pop(&mut here.text);
            continue;
        }
        let status = sys::stat_at(directory, &component, libc::AT_SYMLINK_NOFOLLOW)?;
        if status.is_directory() {
            here.descriptor = sys::open_at(directory, &component, DIRECTORY | libc::O_NOFOLLOW)?;
            here.text = text::join(&here.text, &component);
            continue;
        }
        if !status.is_link() {
            return Err(Errno(libc::ENOTDIR));
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(Errno(libc::ELOOP));
        }
        if sys::is_procfs(sys::filesystem_type(directory)?) {
            if let Some(there) = follow_in_proc(origin, &here, &component)? {
                here = there;
                continue;
            }
        }
        let mut buffer = [0u8; 4097];
        let target = sys::read_link_at(directory, &component, &mut buffer)?;
        if target.first() == Some(&b'/') {
            here = root.copy()?;
        }
        push_components(&mut pending, target);
    }
    Ok(here)
}

/// Where a link on procfs leads; `None` if it is an ordinary one (`/proc/net`).
fn follow_in_proc(origin: &Origin, here: &Standing, name: &[u8]) -> sys::Result<Option<Standing>> {
    let directory = here.descriptor.as_raw_fd();
    if sys::stat_descriptor(directory)?.identity.inode == PROC_ROOT_INODE {
        let own = match name {
            b"self" => format!("/proc/{}", origin.process),
            b"thread-self" => format!("/proc/{}/task/{}", origin.process, origin.thread),
            _ => return Ok(None),
        };
        // Our own /proc: the caller's may number processes differently (pid namespace).
        let descriptor = sys::open_at(libc::AT_FDCWD, own.as_bytes(), DIRECTORY)?;
        return Ok(Some(Standing { descriptor, text: own.into_bytes() }));
    }
    let descriptor = sys::open_at(directory, name, DIRECTORY)?;
    let text = super::climb::path_of(&descriptor)?;
    Ok(Some(Standing { descriptor, text }))
}

fn push_components(pending: &mut Vec<Vec<u8>>, path: &[u8]) {
    for component in path.rsplit(|&byte| byte == b'/') {
        if !component.is_empty() && component != b"." {
            pending.push(component.to_vec());
        }
    }
}
