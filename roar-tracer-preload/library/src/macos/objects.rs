//! The libraries that are loaded into this program, as files that it has read. Those of the system lie in one shared cache
//! and have no files of their own.

use crate::entry::Kind;
use crate::environment::TRACER;
use crate::state::STATE;
use crate::{sys, text};
use core::ffi::c_char;
use core::sync::atomic::{AtomicU32, Ordering};

extern "C" {
    fn _dyld_image_count() -> u32;
    fn _dyld_get_image_name(index: u32) -> *const c_char;
}

/// How many have been noted. The first is the program itself.
static NOTED: AtomicU32 = AtomicU32::new(1);

/// Takes note of the files that have been loaded since.
pub fn look() {
    // SAFETY: plain questions to the loader; an index that has gone gives a null pointer.
    unsafe {
        let count = _dyld_image_count();
        for index in NOTED.swap(count, Ordering::AcqRel)..count {
            note(_dyld_get_image_name(index));
        }
    }
}

/// At the end: what the C library itself has loaded is seen as well.
pub fn look_if_more() {
    look();
}

/// # Safety
/// `name` is null or NUL-terminated.
unsafe fn note(name: *const c_char) {
    let own = TRACER.library_path();
    // SAFETY: as the caller promises; our own path ends in a NUL.
    let (path, own) = unsafe { (text::path(name), text::path(own.as_ptr().cast())) };
    if path.is_empty() || path == own {
        return;
    }
    // SAFETY: as above.
    if let Ok(status) = unsafe { sys::stat_at(sys::AT_FDCWD, name, 0) } {
        if let Some(ring) = STATE.ring() {
            ring.marks().read(&status);
        }
        STATE.write(Kind::Library, 0, &[], &[&status], &[path]);
    }
}
