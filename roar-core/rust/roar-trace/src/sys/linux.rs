//! What Linux alone has.

use super::{check, read_link_at, stat_at, with_path, Result};
use crate::identity::Status;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

pub use libc::{O_NOATIME, O_PATH};
/// What madvise(2) is told of shared memory whose content nobody needs: the next one to look finds zeroes.
pub const UNNEEDED: libc::c_int = libc::MADV_REMOVE;
pub(super) const MONOTONIC_COARSE: libc::clockid_t = libc::CLOCK_MONOTONIC_COARSE;

/// The status of an open descriptor.
pub fn stat_descriptor(descriptor: RawFd) -> Result<Status> {
    stat_at(descriptor, b"", libc::AT_EMPTY_PATH)
}

/// `openat2(2)` without creation, always close-on-exec.
pub fn open_at_restricted(directory: RawFd, path: &[u8], flags: i32, resolve: u64) -> Result<OwnedFd> {
    let how: [u64; 3] = [(flags | libc::O_CLOEXEC) as u64, 0, resolve];
    let size = std::mem::size_of_val(&how);
    // SAFETY: `how` is struct open_how (flags, mode, resolve), its size is passed, the path is NUL-terminated.
    let descriptor = with_path(path, |path| unsafe {
        libc::syscall(libc::SYS_openat2, directory, path, how.as_ptr(), size)
    });
    let descriptor = check(descriptor as libc::c_int)?;
    // SAFETY: the kernel has just handed this descriptor to us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Opens a directory to ask about what is in it. A link that the kernel follows without reading its text is refused
/// (ELOOP).
pub fn open_directory(start: RawFd, path: &[u8]) -> Result<OwnedFd> {
    const RESOLVE_NO_MAGICLINKS: u64 = 0x02;
    open_at_restricted(start, path, O_PATH | libc::O_DIRECTORY, RESOLVE_NO_MAGICLINKS)
}

/// Whether a descriptor with these flags can be asked about only (O_PATH).
pub fn is_name_only(flags: i32) -> bool {
    flags & O_PATH != 0
}

/// The path of an open descriptor as the kernel names it; the last one that it had, if that was removed.
pub fn descriptor_path<'a>(descriptor: &impl AsRawFd, buffer: &'a mut [u8]) -> Result<&'a [u8]> {
    let link = format!("/proc/self/fd/{}", descriptor.as_raw_fd());
    let path = read_link_at(libc::AT_FDCWD, link.as_bytes(), buffer)?;
    let Some(removed) = path.strip_suffix(b" (deleted)") else { return Ok(path) };
    // A name may end like that by itself.
    let status = stat_descriptor(descriptor.as_raw_fd())?;
    let is_name =
        stat_at(libc::AT_FDCWD, path, libc::AT_SYMLINK_NOFOLLOW).is_ok_and(|named| named.same_inode(&status));
    Ok(if is_name { path } else { removed })
}

/// The magic number of a filesystem.
pub type FilesystemType = i64;

const PROC_SUPER_MAGIC: FilesystemType = 0x9fa0;
/// sysfs, cgroup2, cgroup, debugfs, tracefs, securityfs, bpf, configfs, selinuxfs, nsfs: state of the kernel, no files.
const PSEUDO: [FilesystemType; 11] = [
    PROC_SUPER_MAGIC,
    0x6265_6572,
    0x6367_7270,
    0x0027_e0eb,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0xcafe_4a11,
    0x6265_6570,
    0xf97c_ff8c,
    0x6e73_6673,
];

/// Which kind of filesystem a descriptor lies on.
pub fn filesystem_type(descriptor: RawFd) -> Result<FilesystemType> {
    let mut buffer = MaybeUninit::<libc::statfs>::uninit();
    // SAFETY: the buffer is large enough for what the kernel writes.
    check(unsafe { libc::fstatfs(descriptor, buffer.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, so the buffer was filled.
    let filled = unsafe { buffer.assume_init_ref() };
    #[allow(clippy::unnecessary_cast)] // the field's type differs between C libraries
    Ok(filled.f_type as i64)
}

/// Whether nothing on a filesystem of this type is a file in the report's sense: proc, sys and their like.
pub fn is_pseudo(filesystem_type: FilesystemType) -> bool {
    PSEUDO.contains(&filesystem_type)
}

/// Whether links on it mean something else to each process.
pub fn is_procfs(filesystem_type: FilesystemType) -> bool {
    filesystem_type == PROC_SUPER_MAGIC
}

/// Whether a filesystem of this type may leave a file's times alone when it is written through a mapping: tmpfs,
/// ramfs, hugetlbfs.
pub fn is_memory_backed(filesystem_type: FilesystemType) -> bool {
    [0x0102_1994, 0x8584_58f6, 0x9584_58f6].contains(&filesystem_type)
}

/// The id of the mount that a descriptor lies on, or 0 where the kernel does not tell (before 5.8).
pub fn mount_of(descriptor: RawFd) -> u64 {
    let mut buffer = MaybeUninit::<libc::statx>::zeroed();
    // SAFETY: the path is the empty string, the buffer is a zeroed struct statx.
    let result = unsafe {
        libc::statx(descriptor, c"".as_ptr(), libc::AT_EMPTY_PATH, libc::STATX_MNT_ID, buffer.as_mut_ptr())
    };
    if result < 0 {
        return 0;
    }
    // SAFETY: zeroed memory is a valid struct statx, and the kernel has filled what it knows.
    unsafe { buffer.assume_init_ref().stx_mnt_id }
}

/// Whether this process, with its effective ids, may do `mode` to the file.
pub fn may_access(directory: RawFd, path: &[u8], mode: i32) -> bool {
    let flags = libc::AT_EACCESS | libc::AT_SYMLINK_NOFOLLOW;
    // SAFETY: the path is NUL-terminated. faccessat2 is called by number: C libraries emulate the flags.
    with_path(path, |path| unsafe { libc::syscall(libc::SYS_faccessat2, directory, path, mode, flags) == 0 })
}

/// How far the times that the kernel gives to files may be behind the clock (CLOCK_REALTIME).
pub fn file_time_tick_ns() -> u64 {
    let mut tick = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec.
    unsafe { libc::clock_getres(libc::CLOCK_REALTIME_COARSE, &mut tick) };
    tick.tv_nsec as u64
}

/// Lets an empty file share the blocks of another one, where the filesystem can do that; whether it could.
pub fn share_blocks(from: &impl AsRawFd, to: &impl AsRawFd) -> bool {
    const FICLONE: u64 = 0x4004_9409;
    // SAFETY: both descriptors are open files of ours.
    unsafe { libc::ioctl(to.as_raw_fd(), FICLONE as _, from.as_raw_fd()) == 0 }
}
