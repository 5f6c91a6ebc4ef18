//! What the C library calls this library at, and what it is asked at the start.

use core::ffi::{c_char, c_int};
use core::sync::atomic::{AtomicUsize, Ordering};

extern "C" {
    fn _NSGetEnviron() -> *mut *mut *mut c_char;
    fn clock_gettime(clock: c_int, time: *mut [i64; 2]) -> c_int;
    fn atexit(handler: extern "C" fn()) -> c_int;
    fn pthread_atfork(
        before: Option<extern "C" fn()>,
        parent: Option<extern "C" fn()>,
        child: Option<extern "C" fn()>,
    ) -> c_int;
}

/// The program's environment.
///
/// # Safety
/// Nobody changes it meanwhile.
pub unsafe fn environment() -> *mut *mut c_char {
    // SAFETY: the C library's own variable, which it sets before it runs any constructor.
    unsafe { *_NSGetEnviron() }
}

/// The address of clock_gettime.
pub fn find_clock() -> usize {
    clock_gettime as *const () as usize
}

/// Calls `ending` when the process ends by exit(3), `forked` in each child. With which status it ends is not told there:
/// exit(3) is stood before.
pub fn call_at(ending: fn(Option<c_int>), forked: extern "C" fn()) {
    static ENDING: AtomicUsize = AtomicUsize::new(0);
    extern "C" fn pass_on() {
        // SAFETY: what was stored below.
        let ending: fn(Option<c_int>) = unsafe { core::mem::transmute(ENDING.load(Ordering::Relaxed)) };
        ending(None);
    }
    ENDING.store(ending as usize, Ordering::Relaxed);
    // SAFETY: the handlers are functions of this library, which is never unloaded.
    unsafe {
        atexit(pass_on);
        pthread_atfork(None, None, Some(forked));
    }
}

/// macOS has no random bytes that tell one image from others.
pub fn random_words() -> (u64, [u64; 2]) {
    (0, [0; 2])
}
