//! rename(2), link(2), unlink(2), truncate(2) and their names; mmap(2).

use super::{CString, Size};
use crate::before;
use crate::naming;
use crate::opening::Path;
use crate::sys::{self, AT_REMOVEDIR};
use core::ffi::{c_int, c_long, c_uint, c_void};

before! { next: fn rename(from: CString, to: CString) -> c_int {
    naming::rename(Path::here(from), Path::here(to), 0, &mut || next(from, to))
}}

before! { next: fn renameat(old: c_int, from: CString, new: c_int, to: CString) -> c_int {
    let (one, other) = (Path { directory: old, path: from }, Path { directory: new, path: to });
    naming::rename(one, other, 0, &mut || next(old, from, new, to))
}}

before! { next: fn renameat2(old: c_int, from: CString, new: c_int, to: CString, flags: c_uint) -> c_int {
    let (one, other) = (Path { directory: old, path: from }, Path { directory: new, path: to });
    naming::rename(one, other, flags, &mut || next(old, from, new, to, flags))
}}

before! { next: fn link(from: CString, to: CString) -> c_int {
    naming::link(Path::here(from), Path::here(to), 0, &mut || next(from, to))
}}

before! { next: fn linkat(old: c_int, from: CString, new: c_int, to: CString, flags: c_int) -> c_int {
    let (one, other) = (Path { directory: old, path: from }, Path { directory: new, path: to });
    naming::link(one, other, flags, &mut || next(old, from, new, to, flags))
}}

before! { next: fn unlink(path: CString) -> c_int {
    naming::remove(Path::here(path), &mut || next(path))
}}

before! { next: fn remove(path: CString) -> c_int {
    naming::remove(Path::here(path), &mut || next(path))
}}

before! { next: fn unlinkat(directory: c_int, path: CString, flags: c_int) -> c_int {
    if flags & AT_REMOVEDIR != 0 {
        return naming::remove_directory(&mut || next(directory, path, flags));
    }
    naming::remove(Path { directory, path }, &mut || next(directory, path, flags))
}}

before! { next: fn rmdir(path: CString) -> c_int {
    naming::remove_directory(&mut || next(path))
}}

before! { next: fn truncate(path: CString, length: c_long) -> c_int {
    naming::truncate(path, length, &mut || next(path, length))
}}

before! { next: fn truncate64(path: CString, length: c_long) -> c_int {
    naming::truncate(path, length, &mut || next(path, length))
}}

/// Only a shared writable mapping of a file says anything; all others go on at once.
fn maps_a_file(protection: c_int, flags: c_int, descriptor: c_int) -> bool {
    const WRITE: c_int = 2;
    const SHARED: c_int = 1;
    const ANONYMOUS: c_int = 0x20;
    protection & WRITE != 0 && flags & SHARED != 0 && flags & ANONYMOUS == 0 && descriptor >= 0
}

/// mmap(2) goes to the kernel directly: an allocator may call it before anything else works.
macro_rules! maps {
    ($($name:ident),*) => { $(
        #[no_mangle]
        pub unsafe extern "C" fn $name(
            address: *mut c_void, length: Size, protection: c_int, flags: c_int, descriptor: c_int, at: c_long,
        ) -> *mut c_void {
            let arguments =
                [address as usize, length, protection as usize, flags as usize, descriptor as usize, at as usize];
            // SAFETY: the caller's own mapping.
            let result = unsafe { sys::call(sys::number::MMAP, arguments) };
            if (-4095..0).contains(&result) {
                crate::next::set_errno(-result as i32);
                return usize::MAX as *mut c_void;
            }
            if maps_a_file(protection, flags, descriptor) {
                crate::start::ensure();
                naming::mapped(descriptor);
            }
            result as *mut c_void
        }
    )* };
}
maps!(mmap, mmap64);
