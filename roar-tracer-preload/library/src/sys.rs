//! System calls made directly: errno stays as it is, and nobody stands between.

use crate::arch::RawStatus;
pub use crate::arch::{call, number, O_DIRECTORY, O_NOFOLLOW};
pub use crate::status::Status;
use core::ffi::c_char;

pub const AT_FDCWD: i32 = -100;
pub const AT_SYMLINK_NOFOLLOW: i32 = 0x100;
pub const AT_REMOVEDIR: i32 = 0x200;
pub const AT_SYMLINK_FOLLOW: i32 = 0x400;
pub const AT_EMPTY_PATH: i32 = 0x1000;

pub const O_ACCMODE: i32 = 3;
pub const O_RDONLY: i32 = 0;
pub const O_WRONLY: i32 = 1;
pub const O_RDWR: i32 = 2;
pub const O_CREAT: i32 = 0o100;
pub const O_EXCL: i32 = 0o200;
pub const O_NOCTTY: i32 = 0o400;
pub const O_TRUNC: i32 = 0o1000;
pub const O_APPEND: i32 = 0o2000;
pub const O_NONBLOCK: i32 = 0o4000;
pub const O_CLOEXEC: i32 = 0o2000000;
pub const O_PATH: i32 = 0o10000000;

pub const ENOENT: i32 = 2;
pub const E2BIG: i32 = 7;
pub const ENOEXEC: i32 = 8;
pub const EACCES: i32 = 13;
pub const ENODEV: i32 = 19;
pub const ENOTDIR: i32 = 20;
pub const ENAMETOOLONG: i32 = 36;
pub const ENOSYS: i32 = 38;
pub const ETIMEDOUT: i32 = 110;
pub const ESTALE: i32 = 116;

impl RawStatus {
    fn status(&self) -> Status {
        let nanoseconds = |time: [i64; 2]| time[0].wrapping_mul(1_000_000_000).wrapping_add(time[1]) as u64;
        Status {
            device: self.device,
            inode: self.inode,
            size: self.size as u64,
            mtime_ns: nanoseconds(self.modified),
            ctime_ns: nanoseconds(self.changed),
            #[allow(clippy::unnecessary_cast)] // its type differs between architectures
            links: self.links as u64,
            mode: self.mode,
            user: self.user,
            group: self.group,
        }
    }
}

/// The status of an open file. `at`: by the call that newer C libraries make, which a sandbox made for them allows.
pub fn stat_descriptor(descriptor: i32, at: bool) -> Result<Status, i32> {
    if at {
        // SAFETY: a string of length 0.
        return unsafe { stat_at(descriptor, c"".as_ptr(), AT_EMPTY_PATH) };
    }
    let mut raw = RawStatus::default();
    // SAFETY: the buffer is what the kernel fills.
    let result = unsafe {
        call(number::FSTAT, [descriptor as usize, core::ptr::addr_of_mut!(raw) as usize, 0, 0, 0, 0])
    };
    if result < 0 {
        Err(-result as i32)
    } else {
        Ok(raw.status())
    }
}

/// # Safety
/// `path` is NUL-terminated (or garbage, which the kernel refuses).
pub unsafe fn stat_at(directory: i32, path: *const c_char, flags: i32) -> Result<Status, i32> {
    let mut raw = RawStatus::default();
    let arguments =
        [directory as usize, path as usize, core::ptr::addr_of_mut!(raw) as usize, flags as usize, 0, 0];
    // SAFETY: the buffer is what the kernel fills.
    let result = unsafe { call(number::NEWFSTATAT, arguments) };
    if result < 0 {
        Err(-result as i32)
    } else {
        Ok(raw.status())
    }
}

/// # Safety
/// `path` is NUL-terminated.
pub unsafe fn open_at(directory: i32, path: *const c_char, flags: i32) -> Result<i32, i32> {
    // SAFETY: the caller answers for the path.
    let result =
        unsafe { call(number::OPENAT, [directory as usize, path as usize, flags as usize, 0, 0, 0]) };
    if result < 0 {
        Err(-result as i32)
    } else {
        Ok(result as i32)
    }
}

pub fn close(descriptor: i32) {
    // SAFETY: a descriptor of our own.
    unsafe { call(number::CLOSE, [descriptor as usize, 0, 0, 0, 0, 0]) };
}

/// Reads at a place; how much was read.
pub fn read_at(descriptor: i32, buffer: &mut [u8], place: u64) -> usize {
    let arguments = [descriptor as usize, buffer.as_mut_ptr() as usize, buffer.len(), place as usize, 0, 0];
    // SAFETY: the kernel writes at most the length given.
    let result = unsafe { call(number::PREAD64, arguments) };
    result.max(0) as usize
}

/// The text of a link. Longer than the buffer counts as failed.
///
/// # Safety
/// `path` is NUL-terminated.
pub unsafe fn read_link(path: *const c_char, buffer: &mut [u8]) -> Result<&[u8], i32> {
    let arguments = [AT_FDCWD as usize, path as usize, buffer.as_mut_ptr() as usize, buffer.len(), 0, 0];
    // SAFETY: the kernel writes at most the length given.
    let result = unsafe { call(number::READLINKAT, arguments) };
    match usize::try_from(result) {
        Ok(length) if length < buffer.len() => Ok(&buffer[..length]),
        Ok(_) => Err(ENAMETOOLONG),
        Err(_) => Err(-result as i32),
    }
}

/// The path of an open descriptor, as the kernel names it from this process's root.
pub fn descriptor_path(descriptor: i32, buffer: &mut [u8]) -> Result<&[u8], i32> {
    let mut name = [0u8; 32];
    crate::text::descriptor_link(descriptor, &mut name);
    // SAFETY: the name is NUL-terminated.
    unsafe { read_link(name.as_ptr().cast(), buffer) }
}

/// The working directory, if it can be named.
pub fn working_directory(buffer: &mut [u8]) -> Option<&[u8]> {
    // SAFETY: the kernel writes at most the length given.
    let result = unsafe { call(number::GETCWD, [buffer.as_mut_ptr() as usize, buffer.len(), 0, 0, 0, 0]) };
    let length = usize::try_from(result).ok()?.checked_sub(1)?;
    Some(&buffer[..length]).filter(|path| path.first() == Some(&b'/'))
}

pub fn process() -> i32 {
    // SAFETY: it takes no argument.
    unsafe { call(number::GETPID, [0; 6]) as i32 }
}

/// The user and the group, if neither is borrowed: the effective ones are the real ones.
pub fn own_identity() -> Option<(u32, u32)> {
    let (user, group, real_user) = identities();
    // SAFETY: it takes no argument.
    let real_group = unsafe { call(number::GETGID, [0; 6]) as u32 };
    (user == real_user && group == real_group).then_some((user, group))
}

/// Whether root that runs a program keeps CAP_SYS_PTRACE.
pub fn root_stays_powerful() -> bool {
    const CAPBSET_READ: usize = 23;
    const SYS_PTRACE: usize = 19;
    const GET_SECUREBITS: usize = 27;
    const NO_ROOT: i64 = 1;
    // SAFETY: neither takes an address.
    unsafe {
        call(number::PRCTL, [CAPBSET_READ, SYS_PTRACE, 0, 0, 0, 0]) == 1
            && call(number::PRCTL, [GET_SECUREBITS, 0, 0, 0, 0, 0]) & NO_ROOT == 0
    }
}

/// Effective user and group, and the real user.
pub fn identities() -> (u32, u32, u32) {
    // SAFETY: they take no argument.
    unsafe {
        (
            call(number::GETEUID, [0; 6]) as u32,
            call(number::GETEGID, [0; 6]) as u32,
            call(number::GETUID, [0; 6]) as u32,
        )
    }
}

/// Whether the process may run the file.
///
/// # Safety
/// `path` is NUL-terminated.
pub unsafe fn may_execute(path: *const c_char) -> bool {
    const X_OK: usize = 1;
    const AT_EACCESS: usize = 0x200;
    // SAFETY: the caller answers for the path.
    unsafe { call(number::ACCESS_AT, [AT_FDCWD as usize, path as usize, X_OK, AT_EACCESS, 0, 0]) == 0 }
}

pub fn yield_now() {
    // SAFETY: it takes no argument.
    unsafe { call(number::SCHED_YIELD, [0; 6]) };
}

/// Maps memory: `descriptor` -1 for fresh memory, else a shared mapping of that file.
pub fn map(size: usize, descriptor: i32) -> Option<*mut u8> {
    const READ_WRITE: usize = 3;
    const SHARED: usize = 1;
    const PRIVATE_ANONYMOUS: usize = 0x22;
    let flags = if descriptor < 0 { PRIVATE_ANONYMOUS } else { SHARED };
    // SAFETY: a new mapping harms nothing.
    let result = unsafe { call(number::MMAP, [0, size, READ_WRITE, flags, descriptor as usize, 0]) };
    (result > 0).then_some(result as *mut u8)
}
