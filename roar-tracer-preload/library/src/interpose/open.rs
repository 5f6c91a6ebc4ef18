//! open(2) and its names. The optional mode is passed on as it stands in its register.

use super::{descriptor, CString, Mode};
use crate::before;
use crate::opening::{self, Path};
use crate::sys::{O_CREAT, O_TRUNC, O_WRONLY};
use core::ffi::c_int;

macro_rules! opens {
    ($($name:ident),*) => { $(
        before! { next: fn $name(path: CString, flags: c_int, mode: Mode) -> c_int {
            opening::open(Path::here(path), flags, || next(path, flags, mode), descriptor)
        }}
    )* };
}
opens!(open, open64, __open, __open64);

macro_rules! opens_checked {
    ($($name:ident),*) => { $(
        before! { next: fn $name(path: CString, flags: c_int) -> c_int {
            opening::open(Path::here(path), flags, || next(path, flags), descriptor)
        }}
    )* };
}
opens_checked!(__open_2, __open64_2);

macro_rules! opens_at {
    ($($name:ident),*) => { $(
        before! { next: fn $name(directory: c_int, path: CString, flags: c_int, mode: Mode) -> c_int {
            opening::open(Path { directory, path }, flags, || next(directory, path, flags, mode), descriptor)
        }}
    )* };
}
opens_at!(openat, openat64);

macro_rules! opens_at_checked {
    ($($name:ident),*) => { $(
        before! { next: fn $name(directory: c_int, path: CString, flags: c_int) -> c_int {
            opening::open(Path { directory, path }, flags, || next(directory, path, flags), descriptor)
        }}
    )* };
}
opens_at_checked!(__openat_2, __openat64_2);

macro_rules! creates {
    ($($name:ident),*) => { $(
        before! { next: fn $name(path: CString, mode: Mode) -> c_int {
            opening::open(Path::here(path), O_WRONLY | O_CREAT | O_TRUNC, || next(path, mode), descriptor)
        }}
    )* };
}
creates!(creat, creat64);
