//! What macOS has in another way.

use super::{check, open_at, Errno, Result};
use crate::identity::Status;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// There are no such flags.
pub const O_PATH: i32 = 0;
pub const O_NOATIME: i32 = 0;
/// What madvise(2) is told of shared memory whose content nobody needs: it stays in the mapped file.
pub const UNNEEDED: libc::c_int = libc::MADV_DONTNEED;
pub(super) const MONOTONIC_COARSE: libc::clockid_t = libc::CLOCK_MONOTONIC_RAW_APPROX;

/// The status of an open descriptor.
pub fn stat_descriptor(descriptor: RawFd) -> Result<Status> {
    let mut buffer = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the buffer is large enough for what the kernel writes.
    check(unsafe { libc::fstat(descriptor, buffer.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, so the buffer was filled.
    Ok(Status::from(unsafe { buffer.assume_init_ref() }))
}

/// Opens a directory to ask about what is in it.
pub fn open_directory(start: RawFd, path: &[u8]) -> Result<OwnedFd> {
    open_at(start, path, libc::O_RDONLY | libc::O_DIRECTORY)
}

/// Whether a descriptor with these flags can be asked about only: none can.
pub fn is_name_only(_: i32) -> bool {
    false
}

/// The path of an open descriptor as the kernel names it (fcntl(2), F_GETPATH).
pub fn descriptor_path<'a>(descriptor: &impl AsRawFd, buffer: &'a mut [u8]) -> Result<&'a [u8]> {
    if buffer.len() < libc::PATH_MAX as usize {
        return Err(Errno(libc::ENAMETOOLONG));
    }
    // SAFETY: the buffer has room for the longest path and its NUL.
    check(unsafe { libc::fcntl(descriptor.as_raw_fd(), libc::F_GETPATH, buffer.as_mut_ptr()) })?;
    Ok(buffer.split(|&byte| byte == 0).next().unwrap_or(&[]))
}

/// The name of a kind of filesystem, as mount(8) shows it; NULs fill it up.
pub type FilesystemType = [u8; 16];

/// Which kind of filesystem a descriptor lies on.
pub fn filesystem_type(descriptor: RawFd) -> Result<FilesystemType> {
    let mut buffer = MaybeUninit::<libc::statfs>::uninit();
    // SAFETY: the buffer is large enough for what the kernel writes.
    check(unsafe { libc::fstatfs(descriptor, buffer.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, so the buffer was filled.
    let filled = unsafe { buffer.assume_init_ref() };
    Ok(filled.f_fstypename.map(|letter| letter as u8))
}

/// Whether nothing on a filesystem of this type is a file in the report's sense.
pub fn is_pseudo(filesystem_type: FilesystemType) -> bool {
    has_name(filesystem_type, b"devfs")
}

/// Whether links on it mean something else to each process: macOS has no procfs.
pub fn is_procfs(_: FilesystemType) -> bool {
    false
}

/// Whether a filesystem of this type may leave a file's times alone when it is written through a mapping.
pub fn is_memory_backed(filesystem_type: FilesystemType) -> bool {
    has_name(filesystem_type, b"tmpfs")
}

fn has_name(filesystem_type: FilesystemType, name: &[u8]) -> bool {
    filesystem_type.split(|&letter| letter == 0).next() == Some(name)
}

/// How far the times that the kernel gives to files may be behind the clock: HFS+ keeps whole seconds.
pub fn file_time_tick_ns() -> u64 {
    1_000_000_000
}

/// Whether an empty file now shares the blocks of another one: never, since clonefile(2) makes the file itself.
pub fn share_blocks(_: &impl AsRawFd, _: &impl AsRawFd) -> bool {
    false
}
