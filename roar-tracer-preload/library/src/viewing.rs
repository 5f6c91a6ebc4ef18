//! Changes of what names mean to this process.

use crate::entry::Kind;
use crate::state::STATE;
use crate::sys;
use crate::text::MOST_PATH;
use core::ffi::{c_char, c_int};
use core::sync::atomic::Ordering;

const NEW_NAMES: c_int = 0x0002_0000;
const NEW_USERS: c_int = 0x1000_0000;

/// The working directory may have changed. A child that shares its parent's memory must not say so of the parent.
pub fn moved(result: c_int) -> c_int {
    if result == 0 && STATE.ring().is_some() {
        if STATE.is_own() {
            STATE.look_around();
        } else {
            STATE.astray.store(true, Ordering::Relaxed);
        }
    }
    result
}

/// Changes the root directory by `real`.
///
/// # Safety
/// The path is what the call was given.
pub unsafe fn change_root(path: *const c_char, real: &mut dyn FnMut() -> c_int) -> c_int {
    const DIRECTORY: i32 = sys::O_PATH | sys::O_DIRECTORY | sys::O_CLOEXEC;
    if STATE.ring().is_none() {
        return real();
    }
    // SAFETY: the kernel checks the path.
    let opened = unsafe { sys::open_at(sys::AT_FDCWD, path, DIRECTORY) };
    let mut buffer = [0u8; MOST_PATH];
    let there = opened.ok().and_then(|descriptor| {
        let there = sys::descriptor_path(descriptor, &mut buffer).ok();
        sys::close(descriptor);
        there
    });
    let result = real();
    if result == 0 {
        let said =
            there.filter(|_| STATE.is_own()).and_then(|path| STATE.write(Kind::Root, 0, &[], &[], &[path]));
        match said {
            Some((position, _)) => STATE.root.store(position, Ordering::Relaxed),
            None => divided(),
        }
        moved(result);
    }
    result
}

/// Names have come to mean something else than to the tracer.
pub fn divided() {
    STATE.foreign.store(true, Ordering::Relaxed);
}

/// unshare(2) or setns(2) has succeeded.
pub fn unshared(result: c_int, flags: c_int) -> c_int {
    if result == 0 && (flags == 0 || flags & (NEW_NAMES | NEW_USERS) != 0) {
        divided();
    }
    result
}

/// Something was mounted or unmounted.
pub fn mounted(result: c_int) -> c_int {
    if let (0, Some(ring)) = (result, STATE.ring()) {
        ring.header().renamings.0.fetch_add(1, Ordering::Relaxed);
    }
    result
}

/// The program is about to restrict its own system calls.
pub fn confine() {
    STATE.confined.store(true, Ordering::Relaxed);
}
