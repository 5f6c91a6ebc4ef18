//! What `sys` is on Linux, by calls of the C library: macOS promises nothing of its system calls. errno stays as it is.

pub use crate::status::Status;
use core::ffi::{c_char, c_int, c_void};

pub const AT_FDCWD: i32 = -2;
pub const AT_SYMLINK_NOFOLLOW: i32 = 0x20;
pub const AT_SYMLINK_FOLLOW: i32 = 0x40;
pub const AT_REMOVEDIR: i32 = 0x80;
/// There is no such flag.
pub const AT_EMPTY_PATH: i32 = 0;

pub const O_ACCMODE: i32 = 3;
pub const O_RDONLY: i32 = 0;
pub const O_WRONLY: i32 = 1;
pub const O_RDWR: i32 = 2;
pub const O_NONBLOCK: i32 = 0x4;
pub const O_APPEND: i32 = 0x8;
pub const O_NOFOLLOW: i32 = 0x100;
pub const O_CREAT: i32 = 0x200;
pub const O_TRUNC: i32 = 0x400;
pub const O_EXCL: i32 = 0x800;
pub const O_NOCTTY: i32 = 0x2_0000;
pub const O_DIRECTORY: i32 = 0x10_0000;
pub const O_CLOEXEC: i32 = 0x100_0000;
/// There is no such flag.
pub const O_PATH: i32 = 0;

pub const EACCES: i32 = 13;
pub const ENAMETOOLONG: i32 = 63;

/// MAXPATHLEN, which F_GETPATH may fill.
const MOST_PATH: usize = 1024;

/// `struct stat` with inodes of 64 bits.
#[repr(C)]
#[derive(Default)]
struct RawStatus {
    device: i32,
    mode: u16,
    links: u16,
    inode: u64,
    user: u32,
    group: u32,
    special: i32,
    accessed: [i64; 2],
    modified: [i64; 2],
    changed: [i64; 2],
    born: [i64; 2],
    size: i64,
    blocks: i64,
    block_size: i32,
    flags: u32,
    generation: u32,
    spare: i32,
    more_spare: [i64; 2],
}

extern "C" {
    fn __error() -> *mut c_int;
    #[cfg_attr(target_arch = "x86_64", link_name = "fstat$INODE64")]
    fn fstat(descriptor: c_int, status: *mut RawStatus) -> c_int;
    #[cfg_attr(target_arch = "x86_64", link_name = "fstatat$INODE64")]
    fn fstatat(directory: c_int, path: *const c_char, status: *mut RawStatus, flags: c_int) -> c_int;
    fn openat(directory: c_int, path: *const c_char, flags: c_int, ...) -> c_int;
    #[link_name = "close"]
    fn close_descriptor(descriptor: c_int) -> c_int;
    fn pread(descriptor: c_int, buffer: *mut c_void, size: usize, at: i64) -> isize;
    fn readlink(path: *const c_char, buffer: *mut c_char, size: usize) -> isize;
    fn fcntl(descriptor: c_int, command: c_int, ...) -> c_int;
    fn getcwd(buffer: *mut c_char, size: usize) -> *mut c_char;
    fn getpid() -> c_int;
    fn getuid() -> u32;
    fn geteuid() -> u32;
    fn getgid() -> u32;
    fn getegid() -> u32;
    fn faccessat(directory: c_int, path: *const c_char, mode: c_int, flags: c_int) -> c_int;
    fn sched_yield() -> c_int;
    fn mmap(
        at: *mut c_void,
        size: usize,
        protection: c_int,
        flags: c_int,
        file: c_int,
        from: i64,
    ) -> *mut c_void;
}

impl RawStatus {
    fn status(&self) -> Status {
        let nanoseconds = |time: [i64; 2]| time[0].wrapping_mul(1_000_000_000).wrapping_add(time[1]) as u64;
        Status {
            device: self.device as u32 as u64,
            inode: self.inode,
            size: self.size as u64,
            mtime_ns: nanoseconds(self.modified),
            ctime_ns: nanoseconds(self.changed),
            links: self.links.into(),
            mode: self.mode.into(),
            user: self.user,
            group: self.group,
        }
    }
}

/// Makes a call that reports failure by errno, and puts back what stood there: its result, or the error.
fn quietly<T: PartialOrd + Default>(call: impl FnOnce() -> T) -> Result<T, i32> {
    // SAFETY: errno of this thread.
    unsafe {
        let own = *__error();
        let result = call();
        let error = *__error();
        *__error() = own;
        if result < T::default() {
            Err(error)
        } else {
            Ok(result)
        }
    }
}

/// The status of an open file. There is one way to ask for it.
pub fn stat_descriptor(descriptor: i32, _at: bool) -> Result<Status, i32> {
    let mut raw = RawStatus::default();
    // SAFETY: the buffer is what is filled.
    quietly(|| unsafe { fstat(descriptor, &mut raw) })?;
    Ok(raw.status())
}

/// # Safety
/// `path` is NUL-terminated.
pub unsafe fn stat_at(directory: i32, path: *const c_char, flags: i32) -> Result<Status, i32> {
    let mut raw = RawStatus::default();
    // SAFETY: the caller answers for the path; the buffer is what is filled.
    quietly(|| unsafe { fstatat(directory, path, &mut raw, flags) })?;
    Ok(raw.status())
}

/// # Safety
/// `path` is NUL-terminated.
pub unsafe fn open_at(directory: i32, path: *const c_char, flags: i32) -> Result<i32, i32> {
    // SAFETY: the caller answers for the path.
    quietly(|| unsafe { openat(directory, path, flags) })
}

pub fn close(descriptor: i32) {
    // SAFETY: a descriptor of our own.
    let _ = quietly(|| unsafe { close_descriptor(descriptor) });
}

/// Reads at a place; how much was read.
pub fn read_at(descriptor: i32, buffer: &mut [u8], place: u64) -> usize {
    // SAFETY: at most the length given is written.
    let result =
        quietly(|| unsafe { pread(descriptor, buffer.as_mut_ptr().cast(), buffer.len(), place as i64) });
    result.map_or(0, |count| count as usize)
}

/// The text of a link. Longer than the buffer counts as failed.
///
/// # Safety
/// `path` is NUL-terminated.
pub unsafe fn read_link(path: *const c_char, buffer: &mut [u8]) -> Result<&[u8], i32> {
    // SAFETY: at most the length given is written.
    let length = quietly(|| unsafe { readlink(path, buffer.as_mut_ptr().cast(), buffer.len()) })? as usize;
    buffer.get(..length).filter(|text| text.len() < buffer.len()).ok_or(ENAMETOOLONG)
}

/// The path of an open descriptor, as the kernel names it.
pub fn descriptor_path(descriptor: i32, buffer: &mut [u8]) -> Result<&[u8], i32> {
    const F_GETPATH: c_int = 50;
    let mut path = [0u8; MOST_PATH];
    // SAFETY: the buffer is as long as the longest path.
    quietly(|| unsafe { fcntl(descriptor, F_GETPATH, path.as_mut_ptr()) })?;
    let path = path.split(|&byte| byte == 0).next().unwrap_or(&[]);
    let room = buffer.get_mut(..path.len()).ok_or(ENAMETOOLONG)?;
    room.copy_from_slice(path);
    Ok(room)
}

/// The working directory, if it can be named.
pub fn working_directory(buffer: &mut [u8]) -> Option<&[u8]> {
    // SAFETY: at most the length given is written.
    let there = quietly(|| unsafe { getcwd(buffer.as_mut_ptr().cast(), buffer.len()) } as usize).ok()?;
    let path = buffer.split(|&byte| byte == 0).next()?;
    Some(path).filter(|path| there != 0 && path.first() == Some(&b'/'))
}

pub fn process() -> i32 {
    // SAFETY: it takes no argument.
    unsafe { getpid() }
}

/// The user and the group, if neither is borrowed: the effective ones are the real ones.
pub fn own_identity() -> Option<(u32, u32)> {
    let (user, group, real_user) = identities();
    // SAFETY: it takes no argument.
    let real_group = unsafe { getgid() };
    (user == real_user && group == real_group).then_some((user, group))
}

/// Whether root that runs a program stays what it is: always.
pub fn root_stays_powerful() -> bool {
    true
}

/// Effective user and group, and the real user.
pub fn identities() -> (u32, u32, u32) {
    // SAFETY: they take no argument.
    unsafe { (geteuid(), getegid(), getuid()) }
}

/// Whether the process may run the file.
///
/// # Safety
/// `path` is NUL-terminated.
pub unsafe fn may_execute(path: *const c_char) -> bool {
    const X_OK: c_int = 1;
    const AT_EACCESS: c_int = 0x10;
    // SAFETY: the caller answers for the path.
    quietly(|| unsafe { faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) }).is_ok()
}

pub fn yield_now() {
    // SAFETY: it takes no argument.
    let _ = quietly(|| unsafe { sched_yield() });
}

/// Maps memory: `descriptor` -1 for fresh memory, else a shared mapping of that file.
pub fn map(size: usize, descriptor: i32) -> Option<*mut u8> {
    const READ_WRITE: c_int = 3;
    const SHARED: c_int = 1;
    const PRIVATE_ANONYMOUS: c_int = 0x1002;
    let flags = if descriptor < 0 { PRIVATE_ANONYMOUS } else { SHARED };
    // SAFETY: a new mapping harms nothing.
    let start =
        quietly(|| unsafe { mmap(core::ptr::null_mut(), size, READ_WRITE, flags, descriptor, 0) as isize });
    start.ok().map(|start| start as *mut u8)
}
