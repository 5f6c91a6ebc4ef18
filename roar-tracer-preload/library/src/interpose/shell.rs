//! system(3), popen(3) and wordexp(3), which start a shell inside the C library with the environment as it is.

use super::{CString, List};
use crate::before;
use crate::environment;
use crate::execute;
use crate::objects;
use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicBool, Ordering};

extern "C" {
    static mut environ: List;
}

/// Some thread has put our variables into the environment.
static LENT: AtomicBool = AtomicBool::new(false);

/// Calls `real` while the environment has our variables in it. Where another thread does so already, the shell runs
/// unobserved, and it is said.
unsafe fn with_shell<T>(command: CString, real: impl FnOnce() -> T) -> T {
    objects::look();
    let arguments = [c"sh".as_ptr(), c"-c".as_ptr(), command, core::ptr::null()];
    let mine = !LENT.swap(true, Ordering::AcqRel);
    // SAFETY: the list of arguments is made here; the environment is the C library's own.
    unsafe {
        let Some(variables) = execute::announce_shell(c"/bin/sh".as_ptr(), arguments.as_ptr(), mine) else {
            if mine {
                LENT.store(false, Ordering::Release);
            }
            return real();
        };
        environment::with_variables(environ, &variables, |list| {
            let own = environ;
            environ = list;
            let result = real();
            if environ == list {
                environ = own;
            } else {
                // The program has changed its environment meanwhile, and so copied ours.
                crate::start::hide();
            }
            LENT.store(false, Ordering::Release);
            result
        })
    }
}

before! { next: fn system(command: CString) -> c_int {
    if command.is_null() { next(command) } else { with_shell(command, || next(command)) }
}}

before! { next: fn popen(command: CString, mode: CString) -> *mut c_void {
    with_shell(command, || next(command, mode))
}}

before! { next: fn wordexp(words: CString, result: *mut c_void, flags: c_int) -> c_int {
    with_shell(words, || next(words, result, flags))
}}
