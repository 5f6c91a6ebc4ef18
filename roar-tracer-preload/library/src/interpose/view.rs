//! chdir(2), chroot(2) and others that change what names mean; prctl(2), by which a program restricts itself.

use super::CString;
use crate::before;
use crate::viewing;
use core::ffi::{c_int, c_ulong, c_void};

before! { next: fn chdir(path: CString) -> c_int {
    viewing::moved(next(path))
}}

before! { next: fn fchdir(directory: c_int) -> c_int {
    viewing::moved(next(directory))
}}

before! { next: fn chroot(path: CString) -> c_int {
    viewing::change_root(path, &mut || next(path))
}}

before! { next: fn unshare(flags: c_int) -> c_int {
    viewing::unshared(next(flags), flags)
}}

before! { next: fn setns(namespace: c_int, kind: c_int) -> c_int {
    viewing::unshared(next(namespace, kind), kind)
}}

before! { next: fn mount(
    source: CString, target: CString, kind: CString, flags: c_ulong, data: *const c_void
) -> c_int {
    viewing::mounted(next(source, target, kind, flags, data))
}}

before! { next: fn umount(target: CString) -> c_int {
    viewing::mounted(next(target))
}}

before! { next: fn umount2(target: CString, flags: c_int) -> c_int {
    viewing::mounted(next(target, flags))
}}

before! { next: fn prctl(option: c_int, two: c_ulong, three: c_ulong, four: c_ulong, five: c_ulong) -> c_int {
    const SET_SECCOMP: c_int = 22;
    if option == SET_SECCOMP {
        viewing::confine();
    }
    next(option, two, three, four, five)
}}
