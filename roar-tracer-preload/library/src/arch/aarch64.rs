//! What is aarch64's own.

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
    pub const PRCTL: i64 = 167;
    pub const GETPID: i64 = 172;
    pub const GETUID: i64 = 174;
    pub const GETEUID: i64 = 175;
    pub const GETGID: i64 = 176;
    pub const GETEGID: i64 = 177;
    pub const CLONE: i64 = 220;
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

/// What a call that later processors lack stands for, and its first five arguments: there are none here.
pub fn modern(number: i64, arguments: [usize; 5]) -> (i64, [usize; 5]) {
    (number, arguments)
}

/// The function that one of type STT_GNU_IFUNC chooses, told what the processor can do.
///
/// # Safety
/// `address` is that of such a function.
#[cfg(interpose)]
pub unsafe fn chosen(address: usize) -> usize {
    const AT_HWCAP: u64 = 16;
    const AT_HWCAP2: u64 = 26;
    const MORE_FOLLOWS: u64 = 1 << 62;
    extern "C" {
        fn getauxval(kind: u64) -> u64;
    }
    // SAFETY: what the system's ABI passes: the first word, and where that and the second one are after their size.
    unsafe {
        let words = [24, getauxval(AT_HWCAP), getauxval(AT_HWCAP2)];
        let choose: extern "C" fn(u64, *const [u64; 3]) -> usize = core::mem::transmute(address);
        choose(words[1] | MORE_FOLLOWS, &words)
    }
}

pub const O_DIRECTORY: i32 = 0o40000;
pub const O_NOFOLLOW: i32 = 0o100000;

/// The machine of its programs (elf(5)), and the name of their loader.
pub const MACHINE: u16 = 183;
pub const LOADER: &[u8] = b"ld-linux-aarch64.so.1";

/// The kernel's `struct stat`.
#[repr(C)]
#[derive(Default)]
pub struct RawStatus {
    pub device: u64,
    pub inode: u64,
    pub mode: u32,
    pub links: u32,
    pub user: u32,
    pub group: u32,
    pub special: u64,
    pub padding: u64,
    pub size: i64,
    pub block_size: i32,
    pub more_padding: i32,
    pub blocks: i64,
    pub accessed: [i64; 2],
    pub modified: [i64; 2],
    pub changed: [i64; 2],
    pub unused: [i32; 2],
}

/// How many of the optional arguments of execl(3) come in registers.
pub const LIST_REGISTERS: usize = 7;

/// Functions that are called as execl(3) is: each hands over to one that takes its first argument, the place of those
/// that came in registers, and the place of those after them.
#[cfg(interpose)]
macro_rules! take_lists {
    ($($name:literal, $run:ident);*) => { $(
        core::arch::global_asm!(
            concat!(".globl ", $name), concat!(".type ", $name, ", @function"), concat!($name, ":"),
            ".cfi_startproc",
            "stp x29, x30, [sp, #-80]!",
            ".cfi_def_cfa_offset 80",
            ".cfi_offset 29, -80",
            ".cfi_offset 30, -72",
            "stp x1, x2, [sp, #16]",
            "stp x3, x4, [sp, #32]",
            "stp x5, x6, [sp, #48]",
            "str x7, [sp, #64]",
            "add x1, sp, #16",
            "add x2, sp, #80",
            "bl {run}",
            "ldp x29, x30, [sp], #80",
            ".cfi_def_cfa_offset 0",
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
            "stp x29, x30, [sp, #-48]!",
            ".cfi_def_cfa_offset 48",
            ".cfi_offset 29, -48",
            ".cfi_offset 30, -40",
            "stp x0, x1, [sp, #16]",
            "str x2, [sp, #32]",
            "bl {before}",
            "mov x16, x0",
            "ldp x0, x1, [sp, #16]",
            "ldr x2, [sp, #32]",
            "ldp x29, x30, [sp], #48",
            ".cfi_def_cfa_offset 0",
            "br x16",
            ".cfi_endproc",
            before = sym $before,
        );
    )* };
}
#[cfg(interpose)]
pub(crate) use go_on;
