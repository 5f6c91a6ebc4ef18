//! Names that come, go and change, files that are cut, and mappings that are written.

use crate::ask;
use crate::entry::Kind;
use crate::objects;
use crate::opening::{with_text, Path};
use crate::ring::Ring;
use crate::state::STATE;
use crate::sys::{self, Status, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW};
use crate::text::MOST_PATH;
use core::ffi::{c_char, c_int, c_long};
use core::sync::atomic::Ordering;

const EXCHANGE: u32 = 2;
/// What asking is told of a call that destroys without reading.
const DESTROYS: i32 = sys::O_WRONLY | sys::O_TRUNC;

fn changed(ring: &Ring, names_too: bool) {
    ring.header().changes.0.fetch_add(1, Ordering::Relaxed);
    if names_too {
        ring.header().renamings.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// # Safety
/// The paths are what the call was given.
pub unsafe fn rename(from: Path, to: Path, flags: u32, real: &mut dyn FnMut() -> c_int) -> c_int {
    let Some(ring) = STATE.ring() else { return real() };
    objects::look();
    // SAFETY: the kernel checks the paths; their texts are used only where it has taken them.
    unsafe {
        let Ok(moved) = from.status(AT_SYMLINK_NOFOLLOW) else { return real() };
        let displaced = to.status(AT_SYMLINK_NOFOLLOW).ok();
        let lost = displaced.filter(|file| flags & EXCHANGE == 0 && file.is_file() && file.links <= 1);
        if let Some(lost) = lost.filter(|lost| !lost.same_inode(&moved)) {
            with_text(to, &mut |marks, text| {
                ask::before_destroying(&ring, DESTROYS, &lost, marks, &[text, &[]])
            });
        }
        let result = real();
        if result != 0 || displaced.is_some_and(|displaced| displaced.same_inode(&moved)) {
            return result;
        }
        let files_only = moved.is_file() && displaced.is_none_or(|displaced| displaced.is_file());
        changed(&ring, !files_only);
        if let Some(lost) = lost {
            ring.marks().forget(&lost);
        }
        let other = displaced.unwrap_or_default();
        with_text(from, &mut |marks, from| {
            with_text(to, &mut |more, to| {
                let numbers = [flags.into(), displaced.is_some().into()];
                STATE.write(Kind::Rename, marks | more, &numbers, &[&moved, &other], &[from, to]);
            });
        });
        result
    }
}

/// # Safety
/// As for `rename`.
pub unsafe fn link(from: Path, to: Path, flags: i32, real: &mut dyn FnMut() -> c_int) -> c_int {
    let Some(ring) = STATE.ring() else { return real() };
    // SAFETY: as for `rename`.
    unsafe {
        let how = if flags & AT_SYMLINK_FOLLOW != 0 { 0 } else { AT_SYMLINK_NOFOLLOW };
        let Ok(linked) = from.status(how | flags & sys::AT_EMPTY_PATH) else { return real() };
        let result = real();
        if result != 0 || !linked.is_file() {
            return result;
        }
        changed(&ring, false);
        let is_magic = from.bytes().is_empty() || from.bytes().starts_with(b"/proc/");
        let mut say = |marks: u16, from: &[u8]| {
            with_text(to, &mut |more, to| {
                let named = u64::from(linked.links > 0);
                STATE.write(Kind::Link, marks | more, &[named], &[&linked], &[from, to]);
            });
        };
        if is_magic && !STATE.is_confined() {
            let mut buffer = [0u8; MOST_PATH];
            let path = match from.bytes().is_empty() {
                true => sys::descriptor_path(from.directory, &mut buffer),
                false => sys::read_link(from.path, &mut buffer),
            };
            say(0, path.unwrap_or(&[]));
        } else {
            with_text(from, &mut say);
        }
        result
    }
}

/// # Safety
/// As for `rename`.
pub unsafe fn remove(path: Path, real: &mut dyn FnMut() -> c_int) -> c_int {
    let Some(ring) = STATE.ring() else { return real() };
    // SAFETY: as for `rename`.
    unsafe {
        let Ok(gone) = path.status(AT_SYMLINK_NOFOLLOW) else { return real() };
        if gone.is_file() {
            with_text(path, &mut |marks, text| {
                ask::before_destroying(&ring, DESTROYS, &gone, marks, &[text, &[]])
            });
        }
        let result = real();
        if result != 0 {
            return result;
        }
        changed(&ring, !gone.is_file());
        if gone.is_file() {
            with_text(path, &mut |marks, text| {
                STATE.write(Kind::Remove, marks, &[], &[&gone], &[text]);
            });
            if gone.links <= 1 {
                ring.marks().forget(&gone);
            }
        }
        result
    }
}

/// # Safety
/// As for `rename`.
pub unsafe fn truncate(path: *const c_char, length: c_long, real: &mut dyn FnMut() -> c_int) -> c_int {
    let Some(ring) = STATE.ring() else { return real() };
    // SAFETY: as for `rename`.
    unsafe {
        let place = Path::here(path);
        let Ok(cut) = place.status(0) else { return real() };
        with_text(place, &mut |marks, text| {
            ask::before_destroying(&ring, DESTROYS, &cut, marks, &[text, &[]])
        });
        let result = real();
        if result == 0 && cut.is_file() {
            changed(&ring, false);
            if length == 0 {
                ring.marks().settle(cut.device, cut.inode);
            }
            with_text(place, &mut |marks, text| {
                STATE.write(Kind::Truncate, marks, &[length as u64], &[&cut], &[text]);
            });
        }
        result
    }
}

/// # Safety
/// As for `rename`.
pub unsafe fn remove_directory(real: &mut dyn FnMut() -> c_int) -> c_int {
    let result = real();
    if let (0, Some(ring)) = (result, STATE.ring()) {
        changed(&ring, true);
    }
    result
}

/// Maps a file to be written through shared memory.
pub fn mapped(descriptor: c_int) {
    let Some(ring) = STATE.ring() else { return };
    let Ok(status) = sys::stat_descriptor(descriptor, false) else { return };
    if !status.is_file() || status.links == 0 || STATE.is_confined() {
        return;
    }
    changed(&ring, false);
    let mut buffer = [0u8; MOST_PATH];
    if let Ok(path) = sys::descriptor_path(descriptor, &mut buffer) {
        STATE.write(Kind::Map, 0, &[], &[&status as &Status], &[path]);
    }
}
