//! The functions that this library stands before.

use crate::objects;
use core::ffi::c_int;
use core::sync::atomic::{AtomicUsize, Ordering};

extern "C" {
    fn __errno_location() -> *mut c_int;
}

/// A function of the C library, or of another library loaded before it, found when first needed.
pub struct Next {
    name: &'static str,
    address: AtomicUsize,
}

impl Next {
    pub const fn new(name: &'static str) -> Next {
        Next { name, address: AtomicUsize::new(0) }
    }

    /// Its address; one that is nowhere fails as unknown system calls do.
    pub fn address(&self) -> usize {
        let known = self.address.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        let found = objects::find(self.name.as_bytes()).unwrap_or(missing as *const () as usize);
        self.address.store(found, Ordering::Relaxed);
        found
    }
}

impl Next {
    pub fn is_there(&self) -> bool {
        self.address() != missing as *const () as usize
    }
}

unsafe extern "C" fn missing() -> i64 {
    set_errno(crate::sys::ENOSYS);
    -1
}

pub fn set_errno(number: i32) {
    // SAFETY: the C library's errno of this thread.
    unsafe { *__errno_location() = number };
}

pub fn errno() -> i32 {
    // SAFETY: as above.
    unsafe { *__errno_location() }
}

/// A function that is exported under its own name; in its body `$next` is the one that it stands before.
#[macro_export]
macro_rules! before {
    ($next:ident: fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> $result:ty $body:block) => {
        #[no_mangle]
        pub unsafe extern "C" fn $name($($argument: $type),*) -> $result {
            static NEXT: $crate::next::Next = $crate::next::Next::new(stringify!($name));
            $crate::start::ensure();
            let $next: unsafe extern "C" fn($($type),*) -> $result = {
                // SAFETY: the symbol of this name has this signature.
                unsafe { core::mem::transmute(NEXT.address()) }
            };
            #[allow(clippy::macro_metavars_in_unsafe)] // the bodies are C functions that are written as such
            // SAFETY: the caller passes what the function of this name takes.
            unsafe {
                $body
            }
        }
    };
}
