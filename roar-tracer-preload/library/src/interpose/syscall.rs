//! syscall(2): what its callers ask for by number is what others ask for by name.

use super::process::{self, THREAD};
use super::{CString, List};
use crate::arch;
use crate::before;
use crate::entry::{Blind, Kind};
use crate::naming;
use crate::objects;
use crate::opening::{self, Path};
use crate::state::STATE;
use crate::sys::{self, number};
use crate::viewing;
use core::ffi::{c_int, c_long};

fn descriptor(result: &c_long) -> Option<i32> {
    (*result >= 0).then_some(*result as i32)
}

before! { next: fn syscall(
    call: c_long, a: c_long, b: c_long, c: c_long, d: c_long, e: c_long, f: c_long
) -> c_long {
    let real = || next(call, a, b, c, d, e, f);
    let short = &mut || real() as c_int;
    let (meant, [a, b, c, d, e]) = arch::modern(call, [a, b, c, d, e].map(|argument| argument as usize));
    let (at_a, at_c) = (at(a, b), at(c, d));
    match meant {
        number::OPENAT => opening::open(at_a, c as c_int, real, descriptor),
        number::OPENAT2 => opening::open(at_a, open_flags(c as *const u64), real, descriptor),
        number::RENAMEAT => naming::rename(at_a, at_c, 0, short).into(),
        number::RENAMEAT2 => naming::rename(at_a, at_c, e as u32, short).into(),
        number::LINKAT => naming::link(at_a, at_c, e as c_int, short).into(),
        number::UNLINKAT if c as c_int & sys::AT_REMOVEDIR != 0 => naming::remove_directory(short).into(),
        number::UNLINKAT => naming::remove(at_a, short).into(),
        number::TRUNCATE => naming::truncate(a as CString, b as c_long, short).into(),
        number::CHDIR | number::FCHDIR => viewing::moved(short()).into(),
        number::CHROOT => viewing::change_root(a as CString, short).into(),
        number::UNSHARE => viewing::unshared(short(), a as c_int).into(),
        number::SETNS => viewing::unshared(short(), b as c_int).into(),
        number::CLONE if a & THREAD == 0 => process::forked(short()).into(),
        number::EXECVE => super::run::execute(a as CString, b as List, c as List).into(),
        number::SECCOMP => {
            if a != 0 {
                viewing::confine();
            }
            real()
        }
        number::IO_URING_SETUP => {
            let made = real();
            if made >= 0 {
                objects::look();
                STATE.write(Kind::Blind, 0, &[Blind::IoUring as u64], &[], &[]);
            }
            made
        }
        _ => real(),
    }
}}

fn at(directory: usize, path: usize) -> Path {
    Path { directory: directory as c_int, path: path as CString }
}

/// The flags of openat2, which lie in memory.
unsafe fn open_flags(how: *const u64) -> c_int {
    if how.is_null() {
        return sys::O_PATH;
    }
    // SAFETY: a caller that passes garbage here fails as it would in the kernel.
    unsafe { *how as c_int }
}
