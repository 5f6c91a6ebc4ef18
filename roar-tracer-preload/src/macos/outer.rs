//! Whether this program is observed itself: two tracers' libraries in one program would write to one ring.

use std::ffi::{c_char, CStr};

extern "C" {
    fn _dyld_image_count() -> u32;
    fn _dyld_get_image_name(index: u32) -> *const c_char;
}

/// What the path of a tracer's library contains.
const FOLDER: &[u8] = b"/roar-preload-";

/// Whether another tracer's library is loaded into this process.
pub fn is_observed() -> bool {
    // SAFETY: plain questions to the loader; an index that has gone gives a null pointer, a name ends in a NUL.
    unsafe {
        (0.._dyld_image_count()).any(|index| {
            let name = _dyld_get_image_name(index);
            !name.is_null() && is_library(CStr::from_ptr(name).to_bytes())
        })
    }
}

fn is_library(path: &[u8]) -> bool {
    path.windows(FOLDER.len()).any(|part| part == FOLDER)
}
