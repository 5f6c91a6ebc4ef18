//! Thin wrappers round the system calls that path resolution needs. Paths are plain bytes.

use crate::identity::Status;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

pub type Result<T> = std::result::Result<T, Errno>;

/// An error number of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    pub fn last() -> Errno {
        Errno(io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }
}

impl From<Errno> for io::Error {
    fn from(errno: Errno) -> io::Error {
        io::Error::from_raw_os_error(errno.0)
    }
}

/// The result of a C call that reports failure as -1.
pub fn check(result: libc::c_int) -> Result<libc::c_int> {
    if result < 0 {
        Err(Errno::last())
    } else {
        Ok(result)
    }
}

/// Calls `use_path` with the path and a closing NUL; short paths are copied to the stack.
fn with_path<T>(path: &[u8], use_path: impl FnOnce(*const libc::c_char) -> T) -> T {
    const SHORT: usize = 384;
    if path.len() < SHORT {
        let mut buffer = [MaybeUninit::<u8>::uninit(); SHORT];
        // SAFETY: the buffer has room for the path and one byte more, and does not overlap it.
        unsafe {
            let start = buffer.as_mut_ptr().cast::<u8>();
            start.copy_from_nonoverlapping(path.as_ptr(), path.len());
            start.add(path.len()).write(0);
        }
        use_path(buffer.as_ptr().cast())
    } else {
        let terminated = [path, b"\0"].concat();
        use_path(terminated.as_ptr().cast())
    }
}

/// `fstatat(2)`; `flags` as there.
pub fn stat_at(directory: RawFd, path: &[u8], flags: i32) -> Result<Status> {
    let mut buffer = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the path is NUL-terminated and the buffer is large enough for what the kernel writes.
    check(with_path(path, |path| unsafe { libc::fstatat(directory, path, buffer.as_mut_ptr(), flags) }))?;
    // SAFETY: the call succeeded, so the buffer was filled.
    Ok(Status::from(unsafe { buffer.assume_init_ref() }))
}

/// The status of an open descriptor.
pub fn stat_descriptor(descriptor: RawFd) -> Result<Status> {
    stat_at(descriptor, b"", libc::AT_EMPTY_PATH)
}

/// `openat(2)` without creation, always close-on-exec.
pub fn open_at(directory: RawFd, path: &[u8], flags: i32) -> Result<OwnedFd> {
    // SAFETY: the path is NUL-terminated; without O_CREAT no mode is read.
    let descriptor =
        check(with_path(path, |path| unsafe { libc::openat(directory, path, flags | libc::O_CLOEXEC) }))?;
    // SAFETY: the kernel has just handed this descriptor to us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
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

/// The text of a symbolic link, read into `buffer`.
pub fn read_link_at<'a>(directory: RawFd, path: &[u8], buffer: &'a mut [u8]) -> Result<&'a [u8]> {
    // SAFETY: the path is NUL-terminated and the kernel writes at most the length it is given.
    let length = with_path(path, |path| unsafe {
        libc::readlinkat(directory, path, buffer.as_mut_ptr().cast::<libc::c_char>(), buffer.len())
    });
    if length < 0 {
        return Err(Errno::last());
    }
    let length = length as usize;
    if length == buffer.len() {
        return Err(Errno(libc::ENAMETOOLONG));
    }
    Ok(&buffer[..length])
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

/// The magic number of the filesystem that a descriptor lies on.
pub fn filesystem_type(descriptor: RawFd) -> Result<i64> {
    let mut buffer = MaybeUninit::<libc::statfs>::uninit();
    // SAFETY: the buffer is large enough for what the kernel writes.
    check(unsafe { libc::fstatfs(descriptor, buffer.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, so the buffer was filled.
    let filled = unsafe { buffer.assume_init_ref() };
    #[allow(clippy::unnecessary_cast)] // the field's type differs between C libraries
    Ok(filled.f_type as i64)
}

/// Whether a filesystem of this type may leave a file's times alone when it is written through a mapping: tmpfs,
/// ramfs, hugetlbfs.
pub fn is_memory_backed(filesystem_type: i64) -> bool {
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

/// Nanoseconds since 1970 (CLOCK_REALTIME).
pub fn now_ns() -> u64 {
    clock(libc::CLOCK_REALTIME)
}

/// Milliseconds of CLOCK_MONOTONIC, cheap and coarse enough for cache ages.
pub fn coarse_ms() -> u64 {
    clock(libc::CLOCK_MONOTONIC_COARSE) / 1_000_000
}

/// How far the times that the kernel gives to files may be behind the clock (CLOCK_REALTIME).
pub fn file_time_tick_ns() -> u64 {
    let mut tick = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec.
    unsafe { libc::clock_getres(libc::CLOCK_REALTIME_COARSE, &mut tick) };
    tick.tv_nsec as u64
}

fn clock(which: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec.
    unsafe { libc::clock_gettime(which, &mut time) };
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}
