//! fork(2), clone(2) and _exit(2).

use crate::before;
use crate::entry::Kind;
use crate::start;
use crate::state::STATE;
use core::ffi::{c_int, c_void};

/// The flag of clone(2) that makes a thread.
pub const THREAD: usize = 0x0001_0000;

/// A child has come: its number is the parent's to tell, should the child never say anything.
pub fn forked(child: c_int) -> c_int {
    if child > 0 {
        STATE.write(Kind::Fork, 0, &[child as u64], &[], &[]);
    }
    child
}

before! { next: fn fork() -> c_int {
    forked(next())
}}

before! { next: fn clone(
    function: *const c_void, stack: *mut c_void, flags: c_int, argument: *mut c_void,
    parent: *mut c_void, area: *mut c_void, child: *mut c_void
) -> c_int {
    let made = next(function, stack, flags, argument, parent, area, child);
    if flags & THREAD as c_int != 0 { made } else { forked(made) }
}}

/// A child that shares its parent's memory ends by these as well, and is not the process that is known here.
fn ends(status: c_int) {
    if STATE.ring().is_some() && STATE.is_own() {
        start::say_ending(status);
    }
}

before! { next: fn _exit(status: c_int) -> ! {
    ends(status);
    next(status)
}}

before! { next: fn _Exit(status: c_int) -> ! {
    ends(status);
    next(status)
}}
