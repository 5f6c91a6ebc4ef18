//! System calls made directly: errno stays as it is, and nobody stands between.

pub use crate::status::Status;
use core::ffi::c_char;

#[cfg(target_arch = "x86_64")]
pub mod number {
    pub const OPEN: i64 = 2;
    pub const CLOSE: i64 = 3;
    pub const FSTAT: i64 = 5;
    pub const MMAP: i64 = 9;
    pub const PREAD64: i64 = 17;
    pub const ACCESS_AT: i64 = 439;
    pub const SCHED_YIELD: i64 = 24;
    pub const GETPID: i64 = 39;
    pub const FORK: i64 = 57;
    pub const EXECVE: i64 = 59;
    pub const TRUNCATE: i64 = 76;
    pub const GETCWD: i64 = 79;
    pub const CHDIR: i64 = 80;
    pub const FCHDIR: i64 = 81;
    pub const RENAME: i64 = 82;
    pub const RMDIR: i64 = 84;
    pub const CREAT: i64 = 85;
    pub const LINK: i64 = 86;
    pub const UNLINK: i64 = 87;
    pub const GETUID: i64 = 102;
    pub const GETGID: i64 = 104;
    pub const GETEUID: i64 = 107;
    pub const GETEGID: i64 = 108;
    pub const PRCTL: i64 = 157;
    pub const CHROOT: i64 = 161;
    pub const OPENAT: i64 = 257;
    pub const NEWFSTATAT: i64 = 262;
    pub const UNLINKAT: i64 = 263;
    pub const RENAMEAT: i64 = 264;
    pub const LINKAT: i64 = 265;
    pub const READLINKAT: i64 = 267;
    pub const UNSHARE: i64 = 272;
    pub const SETNS: i64 = 308;
    pub const RENAMEAT2: i64 = 316;
    pub const SECCOMP: i64 = 317;
    pub const IO_URING_SETUP: i64 = 425;
    pub const OPENAT2: i64 = 437;
}

#[cfg(target_arch = "aarch64")]
pub mod number {
    pub const GETCWD: i64 = 17;
    pub const UNLINKAT: i64 = 35;
    pub const LINKAT: i64 = 37;
    pub const RENAMEAT: i64 = 38;
    pub const TRUNCATE: i64 = 45;
    pub const CHDIR: i64 = 49;
    pub const FCHDIR: i64 = 50;
    pub const CHROOT: i64 = 51;
    pub const OPENAT: i64 = 56;
    pub const CLOSE: i64 = 57;
    pub const PREAD64: i64 = 67;
    pub const READLINKAT: i64 = 78;
    pub const NEWFSTATAT: i64 = 79;
    pub const FSTAT: i64 = 80;
    pub const UNSHARE: i64 = 97;
    pub const SCHED_YIELD: i64 = 124;
    pub const GETPID: i64 = 172;
    pub const PRCTL: i64 = 167;
    pub const GETUID: i64 = 174;
    pub const GETGID: i64 = 176;
    pub const GETEUID: i64 = 175;
    pub const GETEGID: i64 = 177;
    pub const EXECVE: i64 = 221;
    pub const MMAP: i64 = 222;
    pub const SETNS: i64 = 268;
    pub const RENAMEAT2: i64 = 276;
    pub const SECCOMP: i64 = 277;
    pub const IO_URING_SETUP: i64 = 425;
    pub const OPENAT2: i64 = 437;
    pub const ACCESS_AT: i64 = 439;
}

/// Makes a system call; a negative result is an error number.
///
/// # Safety
/// As the call itself demands.
#[cfg(target_arch = "x86_64")]
#[inline]
pub unsafe fn call(number: i64, arguments: [usize; 6]) -> i64 {
    let result: i64;
    // SAFETY: the kernel changes rcx and r11 besides the result; what it does to memory the caller answers for.
    unsafe {
        core::arch::asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") arguments[0],
            in("rsi") arguments[1],
            in("rdx") arguments[2],
            in("r10") arguments[3],
            in("r8") arguments[4],
            in("r9") arguments[5],
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack)
        );
    }
    result
}

/// Makes a system call; a negative result is an error number.
///
/// # Safety
/// As the call itself demands.
#[cfg(target_arch = "aarch64")]
#[inline]
pub unsafe fn call(number: i64, arguments: [usize; 6]) -> i64 {
    let result: i64;
    // SAFETY: the kernel changes the result's register alone; what it does to memory the caller answers for.
    unsafe {
        core::arch::asm!(
            "svc #0",
            in("x8") number,
            inlateout("x0") arguments[0] => result,
            in("x1") arguments[1],
            in("x2") arguments[2],
            in("x3") arguments[3],
            in("x4") arguments[4],
            in("x5") arguments[5],
            options(nostack)
        );
    }
    result
}

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
#[cfg(target_arch = "x86_64")]
pub const O_DIRECTORY: i32 = 0o200000;
#[cfg(target_arch = "x86_64")]
pub const O_NOFOLLOW: i32 = 0o400000;
#[cfg(target_arch = "aarch64")]
pub const O_DIRECTORY: i32 = 0o40000;
#[cfg(target_arch = "aarch64")]
pub const O_NOFOLLOW: i32 = 0o100000;

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

/// The kernel's `struct stat`.
#[repr(C)]
#[derive(Default)]
#[cfg(target_arch = "x86_64")]
struct RawStatus {
    device: u64,
    inode: u64,
    links: u64,
    mode: u32,
    user: u32,
    group: u32,
    padding: u32,
    special: u64,
    size: i64,
    block_size: i64,
    blocks: i64,
    accessed: [i64; 2],
    modified: [i64; 2],
    changed: [i64; 2],
    unused: [i64; 3],
}

/// The kernel's `struct stat`.
#[repr(C)]
#[derive(Default)]
#[cfg(target_arch = "aarch64")]
struct RawStatus {
    device: u64,
    inode: u64,
    mode: u32,
    links: u32,
    user: u32,
    group: u32,
    special: u64,
    padding: u64,
    size: i64,
    block_size: i32,
    more_padding: i32,
    blocks: i64,
    accessed: [i64; 2],
    modified: [i64; 2],
    changed: [i64; 2],
    unused: [i32; 2],
}

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
