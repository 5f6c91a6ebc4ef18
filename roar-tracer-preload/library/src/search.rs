//! Looking a command up in PATH as glibc does.

use crate::state::STATE;
use crate::sys;
use crate::text::{self, MOST_PATH};
use core::ffi::c_char;

extern "C" {
    fn getenv(name: *const c_char) -> *const c_char;
}

/// Calls `attempt` with each place where the command may be until one does not fail for lack of it there. The result
/// is the last attempt's, with the error that matters most.
///
/// # Safety
/// `name` is NUL-terminated.
pub unsafe fn in_path(name: *const c_char, mut attempt: impl FnMut(*const c_char) -> i32) -> i32 {
    // SAFETY: as the caller promises.
    let bytes = unsafe { text::bytes(name, MOST_PATH) };
    if bytes.is_empty() {
        return sys::ENOENT;
    }
    if bytes.contains(&b'/') {
        return attempt(name);
    }
    if bytes.len() > 255 {
        return sys::ENAMETOOLONG;
    }
    // SAFETY: the name is NUL-terminated.
    let path = unsafe { getenv(c"PATH".as_ptr()) };
    const MOST: usize = 1 << 17;
    // SAFETY: an environment variable's value ends in a NUL.
    let path = if path.is_null() { b"/bin:/usr/bin" } else { unsafe { text::bytes(path, MOST) } };
    let mut denied = false;
    let mut last = sys::ENOENT;
    for folder in path.split(|&byte| byte == b':') {
        let mut place = [0u8; MOST_PATH];
        if folder.len() + bytes.len() + 2 > place.len() {
            continue;
        }
        let mut end = text::put(&mut place, 0, folder);
        if end > 0 {
            end = text::put(&mut place, end, b"/");
        }
        text::put(&mut place, end, bytes);
        last = attempt(place.as_ptr().cast());
        match last {
            0 => return 0,
            sys::EACCES => denied = true,
            sys::ENOENT | sys::ESTALE | sys::ENOTDIR | sys::ENODEV | sys::ETIMEDOUT => {}
            _ => return last,
        }
    }
    if denied {
        sys::EACCES
    } else {
        last
    }
}

/// Whether running a file can be spared the kernel: nothing is there.
///
/// # Safety
/// `path` is NUL-terminated.
pub unsafe fn is_there(path: *const c_char) -> bool {
    // SAFETY: as the caller promises.
    STATE.is_confined() || unsafe { sys::stat_at(sys::AT_FDCWD, path, 0) }.is_ok()
}

/// # Safety
/// As for `is_there`.
pub unsafe fn is_file(path: *const c_char) -> bool {
    // SAFETY: as the caller promises.
    unsafe { sys::stat_at(sys::AT_FDCWD, path, 0) }.is_ok_and(|status| status.is_file())
}
