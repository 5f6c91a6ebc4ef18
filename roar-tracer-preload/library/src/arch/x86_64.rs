//! What is x86_64's own.

pub mod number {
    pub const OPEN: i64 = 2;
    pub const CLOSE: i64 = 3;
    pub const FSTAT: i64 = 5;
    pub const MMAP: i64 = 9;
    pub const PREAD64: i64 = 17;
    pub const ACCESS_AT: i64 = 439;
    pub const SCHED_YIELD: i64 = 24;
    pub const GETPID: i64 = 39;
    pub const CLONE: i64 = 56;
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

/// Makes a system call; a negative result is an error number.
///
/// # Safety
/// As the call itself demands.
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

/// What a call that later processors lack stands for, and its first five arguments.
pub fn modern(number: i64, [a, b, c, d, e]: [usize; 5]) -> (i64, [usize; 5]) {
    const HERE: usize = crate::sys::AT_FDCWD as usize;
    const CREATES: usize = (crate::sys::O_WRONLY | crate::sys::O_CREAT | crate::sys::O_TRUNC) as usize;
    match number {
        number::OPEN => (number::OPENAT, [HERE, a, b, c, 0]),
        number::CREAT => (number::OPENAT, [HERE, a, CREATES, b, 0]),
        number::RENAME => (number::RENAMEAT, [HERE, a, HERE, b, 0]),
        number::LINK => (number::LINKAT, [HERE, a, HERE, b, 0]),
        number::UNLINK => (number::UNLINKAT, [HERE, a, 0, 0, 0]),
        number::RMDIR => (number::UNLINKAT, [HERE, a, crate::sys::AT_REMOVEDIR as usize, 0, 0]),
        number::FORK => (number::CLONE, [0; 5]),
        _ => (number, [a, b, c, d, e]),
    }
}

/// The function that one of type STT_GNU_IFUNC chooses.
///
/// # Safety
/// `address` is that of such a function.
pub unsafe fn chosen(address: usize) -> usize {
    // SAFETY: it takes no argument.
    unsafe {
        let choose: extern "C" fn() -> usize = core::mem::transmute(address);
        choose()
    }
}

pub const O_DIRECTORY: i32 = 0o200000;
pub const O_NOFOLLOW: i32 = 0o400000;

/// The machine of its programs (elf(5)), and the name of their loader.
pub const MACHINE: u16 = 62;
pub const LOADER: &[u8] = b"ld-linux-x86-64.so.2";

/// The kernel's `struct stat`.
#[repr(C)]
#[derive(Default)]
pub struct RawStatus {
    pub device: u64,
    pub inode: u64,
    pub links: u64,
    pub mode: u32,
    pub user: u32,
    pub group: u32,
    pub padding: u32,
    pub special: u64,
    pub size: i64,
    pub block_size: i64,
    pub blocks: i64,
    pub accessed: [i64; 2],
    pub modified: [i64; 2],
    pub changed: [i64; 2],
    pub unused: [i64; 3],
}

/// How many of the optional arguments of execl(3) come in registers.
pub const LIST_REGISTERS: usize = 5;

/// Functions that are called as execl(3) is: each hands over to one that takes its first argument, the place of those
/// that came in registers, and the place of those after them.
#[cfg(interpose)]
macro_rules! take_lists {
    ($($name:literal, $run:ident);*) => { $(
        core::arch::global_asm!(
            concat!(".globl ", $name), concat!(".type ", $name, ", @function"), concat!($name, ":"),
            ".cfi_startproc",
            "sub rsp, 56",
            ".cfi_def_cfa_offset 64",
            "mov [rsp], rsi",
            "mov [rsp + 8], rdx",
            "mov [rsp + 16], rcx",
            "mov [rsp + 24], r8",
            "mov [rsp + 32], r9",
            "mov rsi, rsp",
            "lea rdx, [rsp + 64]",
            "call {run}",
            "add rsp, 56",
            ".cfi_def_cfa_offset 8",
            "ret",
            ".cfi_endproc",
            run = sym $run,
        );
    )* };
}

#[cfg(interpose)]
pub(crate) use take_lists;

/// Functions that call another one, which tells them where to go on, as the caller's own call.
#[cfg(interpose)]
macro_rules! go_on {
    ($($name:literal, $before:ident);*) => { $(
        core::arch::global_asm!(
            concat!(".globl ", $name), concat!(".type ", $name, ", @function"), concat!($name, ":"),
            ".cfi_startproc",
            "push rdi",
            ".cfi_adjust_cfa_offset 8",
            "push rsi",
            ".cfi_adjust_cfa_offset 8",
            "push rdx",
            ".cfi_adjust_cfa_offset 8",
            "call {before}",
            "pop rdx",
            ".cfi_adjust_cfa_offset -8",
            "pop rsi",
            ".cfi_adjust_cfa_offset -8",
            "pop rdi",
            ".cfi_adjust_cfa_offset -8",
            "jmp rax",
            ".cfi_endproc",
            before = sym $before,
        );
    )* };
}
#[cfg(interpose)]
pub(crate) use go_on;
