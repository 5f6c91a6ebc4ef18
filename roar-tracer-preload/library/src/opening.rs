//! Opening files.

use crate::ask;
use crate::entry::{self, Kind};
use crate::hash;
use crate::objects;
use crate::ring::Ring;
use crate::seen::Seen;
use crate::state::STATE;
use crate::sys::{self, Status};
use crate::text::{self, MOST_PATH};
use core::ffi::c_char;
use core::sync::atomic::Ordering;

/// What has been opened for reading a moment ago.
static READ: Seen<256> = Seen::new();
/// Folders whose names are known to say literally where they are.
static FOLDERS: Seen<64> = Seen::new();
const MAKES: i32 = sys::O_CREAT | sys::O_TRUNC;
const SHORT: usize = 512;

/// A path as a call is given it.
#[derive(Clone, Copy)]
pub struct Path {
    pub directory: i32,
    pub path: *const c_char,
}

impl Path {
    pub fn here(path: *const c_char) -> Path {
        Path { directory: sys::AT_FDCWD, path }
    }

    /// # Safety
    /// The path is null or NUL-terminated.
    pub unsafe fn bytes(&self) -> &[u8] {
        // SAFETY: as the caller promises.
        unsafe { text::path(self.path) }
    }

    /// # Safety
    /// As for `bytes`.
    pub unsafe fn status(&self, flags: i32) -> Result<Status, i32> {
        // SAFETY: as the caller promises.
        unsafe { sys::stat_at(self.directory, self.path, flags) }
    }
}

/// What was there before a call that may make or cut a file.
#[derive(Clone, Copy)]
enum Before {
    NotAsked,
    Nothing,
    Something(Status),
}

/// Opens by `real`, whose result is returned, and takes note of it. `descriptor_of` finds what it has opened.
///
/// # Safety
/// The path is what the call was given.
#[inline]
pub unsafe fn open<T>(
    path: Path,
    flags: i32,
    real: impl FnOnce() -> T,
    descriptor_of: impl FnOnce(&T) -> Option<i32>,
) -> T {
    // SAFETY: as the caller promises.
    unsafe {
        let before = before_open(path, flags);
        let result = real();
        if let (Some(before), Some(descriptor)) = (before, descriptor_of(&result)) {
            after_open(path, flags, before, descriptor);
        }
        result
    }
}

/// What was there; `None` if the call is not taken note of.
#[inline(never)]
unsafe fn before_open(path: Path, flags: i32) -> Option<Before> {
    let ring = STATE.ring().filter(|_| flags & (sys::O_PATH | sys::O_DIRECTORY) == 0)?;
    objects::look();
    if flags & MAKES == 0 {
        return Some(Before::NotAsked);
    }
    // SAFETY: the kernel checks the path.
    Some(unsafe { look_before(&ring, path, flags) })
}

/// Takes note of what has been opened.
#[inline(never)]
unsafe fn after_open(path: Path, flags: i32, before: Before, descriptor: i32) {
    let Some(ring) = STATE.ring() else { return };
    let now_ms = STATE.now_ms();
    // SAFETY: the kernel has taken the path.
    let bytes = unsafe { path.bytes() };
    let reads_only = flags & (sys::O_ACCMODE | MAKES) == 0;
    let key = if reads_only { recent_key(&ring, path.directory, bytes) } else { None };
    if key.is_some_and(|key| READ.contains(key, now_ms)) {
        return;
    }
    let modern = STATE.is_confined() && is_modern();
    let Ok(after) = sys::stat_descriptor(descriptor, modern) else { return };
    if after.is_file() && after.links > 0 {
        let said =
            with_true_path(&ring, descriptor, path.directory, bytes, now_ms, &mut |marks, true_path| {
                note(&ring, flags, before, &after, marks, &[bytes, true_path])
            });
        if let Some(key) = key.filter(|_| said) {
            READ.insert(key, now_ms);
        }
    }
}

/// As `open`, for a file that a child is to open: `real` starts it and returns 0 if all went well.
///
/// # Safety
/// As for `open`.
pub unsafe fn open_elsewhere(path: Path, flags: i32, real: &mut dyn FnMut() -> i32) -> i32 {
    let Some(ring) = STATE.ring().filter(|_| flags & (sys::O_PATH | sys::O_DIRECTORY) == 0) else {
        return real();
    };
    // SAFETY: as for `open`.
    unsafe {
        let before = match look_before(&ring, path, flags) {
            Before::Something(status) if status.is_file() => Before::Something(status),
            Before::Something(_) => return real(),
            other => other,
        };
        let result = real();
        let follow = if flags & sys::O_NOFOLLOW != 0 { sys::AT_SYMLINK_NOFOLLOW } else { 0 };
        if let (0, Ok(after)) = (result, path.status(follow)) {
            if after.is_file() {
                with_text(path, &mut |marks, text| {
                    note(&ring, flags, before, &after, marks, &[text, &[]]);
                });
            }
        }
        result
    }
}

/// Whether the C library's own fstat makes the newer call (glibc 2.33), which a sandbox for it will allow.
#[cfg(not(target_os = "macos"))]
fn is_modern() -> bool {
    static FSTAT: crate::next::Next = crate::next::Next::new("fstat");
    FSTAT.is_there()
}

#[cfg(target_os = "macos")]
fn is_modern() -> bool {
    false
}

unsafe fn look_before(ring: &Ring, path: Path, flags: i32) -> Before {
    if flags & (sys::O_CREAT | sys::O_EXCL) == sys::O_CREAT | sys::O_EXCL {
        return Before::Nothing;
    }
    let follow = if flags & sys::O_NOFOLLOW != 0 { sys::AT_SYMLINK_NOFOLLOW } else { 0 };
    // SAFETY: the kernel checks the path.
    let Ok(status) = (unsafe { path.status(follow) }) else { return Before::Nothing };
    if flags & sys::O_TRUNC != 0 {
        // SAFETY: the kernel has taken the path.
        unsafe {
            with_text(path, &mut |marks, text| {
                ask::before_destroying(ring, flags, &status, marks, &[text, &[]])
            })
        };
    }
    Before::Something(status)
}

/// Says that a regular file has been opened; whether there was room to say it.
fn note(ring: &Ring, flags: i32, before: Before, after: &Status, marks: u16, texts: &[&[u8]]) -> bool {
    let writes = flags & sys::O_ACCMODE != sys::O_RDONLY || flags & sys::O_TRUNC != 0;
    let (was_there, status) = match before {
        Before::NotAsked => (true, after),
        Before::Nothing => (false, after),
        // Another file has come between: what is known of the first is of no use.
        Before::Something(ref status) if status.same_inode(after) => (true, status),
        Before::Something(_) => (true, after),
    };
    if writes && was_there && flags & sys::O_TRUNC == 0 {
        ask::before_destroying(ring, flags, status, marks, texts);
    }
    if writes || !was_there {
        ring.header().changes.0.fetch_add(1, Ordering::Relaxed);
    }
    if !was_there || flags & sys::O_TRUNC != 0 {
        ring.marks().settle(after.device, after.inode);
    } else if flags & sys::O_ACCMODE != sys::O_WRONLY {
        ring.marks().read(after);
    }
    STATE.write(Kind::Open, marks, &[flags as u32 as u64, was_there.into()], &[status], texts).is_some()
}

/// What a path is known by while nothing changes; `None` where that is more than its text.
fn recent_key(ring: &Ring, directory: i32, path: &[u8]) -> Option<u64> {
    let is_absolute = path.first() == Some(&b'/');
    if !is_absolute && (directory != sys::AT_FDCWD || STATE.astray.load(Ordering::Relaxed)) {
        return None;
    }
    let base = if is_absolute { 0 } else { STATE.directory.load(Ordering::Relaxed) };
    let seed = hash::mix(ring.header().changes.0.load(Ordering::Relaxed), base);
    Some(hash::bytes(hash::mix(seed, STATE.root.load(Ordering::Relaxed)), path))
}

fn folder_key(ring: &Ring, path: &[u8]) -> u64 {
    let is_absolute = path.first() == Some(&b'/');
    let base = if is_absolute { 0 } else { STATE.directory.load(Ordering::Relaxed) };
    let seed = hash::mix(ring.header().renamings.0.load(Ordering::Relaxed), base);
    hash::bytes(hash::mix(seed, STATE.root.load(Ordering::Relaxed)), text::folder(path))
}

/// Calls `say` with what is known of the true path of an open file: flags, and the path where it must be said.
fn with_true_path(
    ring: &Ring,
    descriptor: i32,
    directory: i32,
    path: &[u8],
    now_ms: u64,
    say: &mut dyn FnMut(u16, &[u8]) -> bool,
) -> bool {
    let is_absolute = path.first() == Some(&b'/');
    let is_special = path.starts_with(b"/proc/") || path.starts_with(b"/dev/");
    let is_here = is_absolute || (directory == sys::AT_FDCWD && !STATE.astray.load(Ordering::Relaxed));
    // Where names are the same in capitals, a folder that is literally there says nothing of the names in it.
    let is_exact = cfg!(not(target_os = "macos"));
    let key = if is_special || !is_here || !is_exact { None } else { Some(folder_key(ring, path)) };
    if key.is_some_and(|key| FOLDERS.contains(key, now_ms)) {
        return say(entry::LITERAL, &[]);
    }
    let lost = if is_here { 0 } else { entry::ASTRAY };
    if STATE.is_confined() {
        return say(lost, &[]);
    }
    let mut buffer = [0u8; SHORT];
    match sys::descriptor_path(descriptor, &mut buffer) {
        Ok(true_path) => say_true(key, true_path, path, now_ms, say),
        Err(sys::ENAMETOOLONG) => with_long_path(descriptor, &mut |long| match long {
            Some(true_path) => say_true(key, true_path, path, now_ms, say),
            None => say(lost, &[]),
        }),
        Err(_) => say(lost, &[]),
    }
}

fn say_true(
    key: Option<u64>,
    true_path: &[u8],
    path: &[u8],
    now_ms: u64,
    say: &mut dyn FnMut(u16, &[u8]) -> bool,
) -> bool {
    if true_path.first() != Some(&b'/') {
        return say(entry::ASTRAY, &[]);
    }
    if let Some(key) = key {
        let literal = match path.first() {
            Some(b'/') => text::is_literally(true_path, &[], path),
            _ => STATE.ask_of_directory(|base| text::is_literally(true_path, base, path)),
        };
        if literal {
            FOLDERS.insert(key, now_ms);
            return say(entry::LITERAL, &[]);
        }
    }
    say(entry::TRUE_PATH, true_path)
}

/// Rarely needed, so that its room is not taken from every caller's stack.
#[cold]
#[inline(never)]
fn with_long_path(descriptor: i32, use_path: &mut dyn FnMut(Option<&[u8]>) -> bool) -> bool {
    let mut buffer = [0u8; MOST_PATH];
    use_path(sys::descriptor_path(descriptor, &mut buffer).ok())
}

/// Calls `say` with a path that starts from the working directory or the root, whatever it was given relative to.
///
/// # Safety
/// The path has been taken by the kernel.
#[inline(never)]
pub unsafe fn with_text(path: Path, say: &mut dyn FnMut(u16, &[u8])) {
    // SAFETY: as the caller promises.
    let bytes = unsafe { path.bytes() };
    let is_absolute = bytes.first() == Some(&b'/');
    let astray = STATE.astray.load(Ordering::Relaxed);
    if is_absolute || (path.directory == sys::AT_FDCWD && !astray) {
        return say(0, bytes);
    }
    if STATE.is_confined() {
        return say(entry::ASTRAY, bytes);
    }
    let mut buffer = [0u8; MOST_PATH + 256];
    let base = if path.directory == sys::AT_FDCWD {
        sys::working_directory(&mut buffer).map(|base| base.len())
    } else {
        sys::descriptor_path(path.directory, &mut buffer).ok().map(|base| base.len())
    };
    let Some(base) = base.filter(|_| buffer[0] == b'/') else { return say(entry::ASTRAY, bytes) };
    let end = text::put(&mut buffer, base, b"/");
    if end + bytes.len() > buffer.len() {
        return say(entry::ASTRAY, bytes);
    }
    let end = text::put(&mut buffer, end, bytes);
    say(0, buffer.get(..end).unwrap_or(&[]))
}
