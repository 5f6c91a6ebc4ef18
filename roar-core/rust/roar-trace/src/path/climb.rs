//! The path of a directory that is too deep for the kernel to name in one piece (more than 4,095 bytes).

use crate::sys::{self, Errno};
use std::ffi::CStr;
use std::os::fd::{AsRawFd, OwnedFd};

/// Climbs by `..` until the kernel can name the directory, then adds the names passed on the way.
pub fn path_of(directory: &OwnedFd) -> sys::Result<Vec<u8>> {
    // On the stack, as nearly all are short: musl asks the kernel for each large piece of memory anew.
    let mut short = [0u8; 4352];
    match sys::descriptor_path(directory, &mut short) {
        Ok(text) => Ok(text.to_vec()),
        Err(Errno(libc::ENAMETOOLONG)) => climb(directory),
        Err(other) => Err(other),
    }
}

fn climb(directory: &OwnedFd) -> sys::Result<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    let mut current = sys::open_at(directory.as_raw_fd(), b".", sys::O_PATH | libc::O_DIRECTORY)?;
    let mut buffer = vec![0u8; 8192];
    loop {
        match sys::descriptor_path(&current, &mut buffer) {
            Ok(text) => {
                let mut whole = text.to_vec();
                for name in names.iter().rev() {
                    whole = super::text::join(&whole, name);
                }
                return Ok(whole);
            }
            Err(Errno(libc::ENAMETOOLONG)) => {}
            Err(other) => return Err(other),
        }
        let parent = sys::open_at(current.as_raw_fd(), b"..", libc::O_RDONLY | libc::O_DIRECTORY)?;
        let child = sys::stat_descriptor(current.as_raw_fd())?;
        names.push(name_in(&parent, child.identity.inode)?);
        current = parent;
    }
}

/// The name under which `parent` lists the inode.
fn name_in(parent: &OwnedFd, inode: u64) -> sys::Result<Vec<u8>> {
    let copy = parent.try_clone().map_err(|_| Errno::last())?;
    // SAFETY: fdopendir takes over the copied descriptor, which nothing else uses.
    let stream = unsafe { libc::fdopendir(std::os::fd::IntoRawFd::into_raw_fd(copy)) };
    if stream.is_null() {
        return Err(Errno::last());
    }
    let mut found = Err(Errno(libc::ENOENT));
    loop {
        // SAFETY: the stream is open; the entry is used before the next call.
        let entry = unsafe { libc::readdir(stream) };
        if entry.is_null() {
            break;
        }
        // SAFETY: a non-null entry is valid until the next readdir, its name is NUL-terminated.
        let (number, name) = unsafe { ((*entry).d_ino, CStr::from_ptr((*entry).d_name.as_ptr())) };
        let name = name.to_bytes();
        if number == inode && name != b"." && name != b".." {
            found = Ok(name.to_vec());
            break;
        }
    }
    // SAFETY: the stream is open and closed once, here.
    unsafe { libc::closedir(stream) };
    found
}
