//! The functions that are exported in place of the C library's, each beside its like.

mod loading;
mod names;
mod open;
mod process;
mod run;
mod shell;
mod spawn;
mod stream;
mod syscall;
mod temporary;
mod view;

use core::ffi::{c_char, c_int};

type CString = *const c_char;
type List = *const *const c_char;
type Mode = u32;
type Size = usize;

/// What an open gives: a descriptor, or nothing.
fn descriptor(result: &c_int) -> Option<i32> {
    (*result >= 0).then_some(*result)
}
