//! What the C library calls this library at, and what it is asked at the start.

use crate::objects;
use core::ffi::{c_char, c_int, c_ulong, c_void};

extern "C" {
    static mut environ: *mut *mut c_char;
    fn getauxval(kind: c_ulong) -> c_ulong;
    fn on_exit(handler: extern "C" fn(c_int, *mut c_void), data: *mut c_void) -> c_int;
    fn __register_atfork(
        before: Option<extern "C" fn()>,
        parent: Option<extern "C" fn()>,
        child: Option<extern "C" fn()>,
        owner: *mut c_void,
    ) -> c_int;
}

const AT_RANDOM: c_ulong = 25;

/// The program's environment.
///
/// # Safety
/// Nobody changes it meanwhile.
pub unsafe fn environment() -> *mut *mut c_char {
    // SAFETY: the C library's own variable, which it sets before it runs any constructor.
    unsafe { environ }
}

/// Learns where functions are to be found; the address of clock_gettime, 0 if there is none.
pub fn find_clock() -> usize {
    objects::learn();
    objects::find(b"clock_gettime").unwrap_or(0)
}

/// Calls `ending` when the process ends by exit(3), `forked` in each child.
pub fn call_at(ending: fn(Option<c_int>), forked: extern "C" fn()) {
    extern "C" fn pass_on(status: c_int, handler: *mut c_void) {
        // SAFETY: what was registered below.
        let ending: fn(Option<c_int>) = unsafe { core::mem::transmute(handler) };
        ending(Some(status));
    }
    // SAFETY: the handlers are functions of this library, which is never unloaded.
    unsafe {
        on_exit(pass_on, ending as *mut c_void);
        __register_atfork(None, None, Some(forked), core::ptr::null_mut());
    }
}

/// The address of the 16 random bytes that tell this image from others, and these; 0 if there are none.
pub fn random_words() -> (u64, [u64; 2]) {
    // SAFETY: the kernel puts the bytes at the address that it tells.
    unsafe {
        let address = getauxval(AT_RANDOM);
        let words = if address == 0 { [0; 2] } else { *(address as *const [u64; 2]) };
        (address, words)
    }
}
