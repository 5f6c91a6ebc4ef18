//! The two variables that bring the library into a program, put in at each exec and hidden from the program.
//!
//! `LD_PRELOAD` names the library before the user's own, `ROAR_PRELOAD` says where the ring is, which image this is,
//! and what it must know of itself: `TRACER.LIBRARY.RING.IMAGE.DIRECTORY.ROOT.FLAGS`, all but the first three in hex.

use crate::hash;
use crate::ring::Ring;
use crate::seen::Seen;
use crate::state::{FIRST, STATE};
use crate::sys::{self, Status};
use crate::text;
use core::ffi::c_char;
use core::sync::atomic::{AtomicU64, Ordering};

pub const VARIABLE: &[u8] = b"ROAR_PRELOAD=";
#[cfg(not(target_os = "macos"))]
pub const PRELOAD: &[u8] = b"LD_PRELOAD=";
#[cfg(target_os = "macos")]
pub const PRELOAD: &[u8] = b"DYLD_INSERT_LIBRARIES=";
/// Where the library and the ring are found: a process's name stands between the two, a file's number after them.
#[cfg(not(target_os = "macos"))]
const FILES: (&[u8], &[u8]) = (b"/proc/", b"/fd/");
/// A folder that the tracer makes for itself.
#[cfg(target_os = "macos")]
const FILES: (&[u8], &[u8]) = (b"/private/tmp/roar-preload-", b"/");
const CONFINED: u64 = 1;
const FOREIGN: u64 = 2;

/// Where the tracer is.
pub struct Tracer {
    process: AtomicU64,
    library: AtomicU64,
    ring: AtomicU64,
}

/// That the library was there a moment ago: a lookup below /proc costs as much as all else before an exec.
static FOUND: Seen<1> = Seen::new();
pub static TRACER: Tracer =
    Tracer { process: AtomicU64::new(0), library: AtomicU64::new(0), ring: AtomicU64::new(0) };

/// A path of one of the tracer's files, NUL-terminated.
pub type ProcPath = [u8; 64];

impl Tracer {
    /// The tracer is this process, with the library and the ring open under these numbers.
    pub fn set(&self, process: u64, library: u64, ring: u64) {
        self.process.store(process, Ordering::Relaxed);
        self.library.store(library, Ordering::Relaxed);
        self.ring.store(ring, Ordering::Relaxed);
    }

    /// Notes in the ring which file the library is.
    pub fn describe_library(&self, ring: &Ring) {
        let status = self.library_status();
        ring.header().library_device.store(status.device, Ordering::Relaxed);
        ring.header().library_inode.store(status.inode, Ordering::Relaxed);
    }

    fn library_status(&self) -> Status {
        // SAFETY: the path ends in a NUL.
        unsafe { sys::stat_at(sys::AT_FDCWD, self.library_path().as_ptr().cast(), 0) }.unwrap_or_default()
    }

    /// The tracer's process, and its descriptors of the library and the ring.
    pub fn numbers(&self) -> [u64; 3] {
        [&self.process, &self.library, &self.ring].map(|number| number.load(Ordering::Relaxed))
    }

    fn path(&self, before: &[u8], descriptor: Option<u64>, after: &[u8]) -> (ProcPath, usize) {
        let mut path = [0u8; 64];
        let mut end = text::put(&mut path, 0, before);
        end = text::put_number(&mut path, end, self.process.load(Ordering::Relaxed), 10);
        end = text::put(&mut path, end, after);
        if let Some(descriptor) = descriptor {
            end = text::put_number(&mut path, end, descriptor, 10);
        }
        (path, end)
    }

    pub fn library_path(&self) -> ProcPath {
        self.path(FILES.0, Some(self.library.load(Ordering::Relaxed)), FILES.1).0
    }

    pub fn ring_path(&self) -> ProcPath {
        self.path(FILES.0, Some(self.ring.load(Ordering::Relaxed)), FILES.1).0
    }

    /// The tracer's own program.
    pub fn program_path(&self) -> ProcPath {
        self.path(b"/proc/", None, b"/exe").0
    }

    /// Whether the loader of a new program will find the library from here: not in another root, as another user, or
    /// after the tracer's end.
    pub fn is_reachable(&self) -> bool {
        let Some(ring) = STATE.ring() else { return false };
        (STATE.is_confined() || may_look_at_tracer(&ring)) && self.is_there(&ring)
    }

    fn is_there(&self, ring: &Ring) -> bool {
        let header = ring.header();
        let now_ms = STATE.now_ms();
        let key = hash::mix(header.renamings.0.load(Ordering::Relaxed), self.library.load(Ordering::Relaxed));
        let is_usual = STATE.root.load(Ordering::Relaxed) == FIRST && !STATE.foreign.load(Ordering::Relaxed);
        let may_remember = is_usual && header.tracer_lives();
        if may_remember && FOUND.contains(key, now_ms) {
            return true;
        }
        let status = self.library_status();
        let is_there = status.inode != 0
            && status.device == header.library_device.load(Ordering::Relaxed)
            && status.inode == header.library_inode.load(Ordering::Relaxed);
        if is_there && may_remember {
            FOUND.insert(key, now_ms);
        }
        is_there
    }
}

/// Whether a program that is run now may look at the tracer. (What it may before the exec says nothing: the exec can cost
/// it its capabilities.)
fn may_look_at_tracer(ring: &Ring) -> bool {
    let header = ring.header();
    let Some((user, group)) = sys::own_identity() else { return false };
    if user == 0 && header.tracer_is_powerful.load(Ordering::Relaxed) != 0 {
        return sys::root_stays_powerful();
    }
    u64::from(user) == header.tracer_user.load(Ordering::Relaxed)
        && u64::from(group) == header.tracer_group.load(Ordering::Relaxed)
}

/// The variables for a new image.
pub struct Variables {
    link: [u8; 192],
    preload: [u8; 96],
    preload_length: usize,
}

impl Variables {
    pub fn new(image: u64) -> Variables {
        let mut variables = Variables { link: [0; 192], preload: [0; 96], preload_length: 0 };
        let link = &mut variables.link;
        let mut end = text::put(link, 0, VARIABLE);
        for number in [&TRACER.process, &TRACER.library, &TRACER.ring] {
            end = text::put_number(link, end, number.load(Ordering::Relaxed), 10);
            end = text::put(link, end, b".");
        }
        let flag = |set: bool, flag: u64| if set { flag } else { 0 };
        let flags =
            flag(STATE.is_confined(), CONFINED) | flag(STATE.foreign.load(Ordering::Relaxed), FOREIGN);
        let (directory, root) = (STATE.directory.load(Ordering::Relaxed), STATE.root.load(Ordering::Relaxed));
        for (index, number) in [image, directory, root, flags].into_iter().enumerate() {
            end = text::put(link, end, if index == 0 { b"" } else { b"." });
            end = text::put_number(link, end, number, 16);
        }
        let end = text::put(&mut variables.preload, 0, PRELOAD);
        let path = TRACER.library_path();
        // SAFETY: the path ends in a NUL.
        let path = unsafe { text::path(path.as_ptr().cast()) };
        variables.preload_length = text::put(&mut variables.preload, end, path);
        variables
    }
}

/// What `ROAR_PRELOAD` says: tracer, library, ring, image, directory, root.
pub fn read_link(value: &[u8]) -> Option<[u64; 6]> {
    let mut parts = value.split(|&byte| byte == b'.');
    let mut numbers = [0; 6];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = text::number(parts.next()?, if index < 3 { 10 } else { 16 })?;
    }
    let flags = text::number(parts.next()?, 16)?;
    STATE.confined.store(flags & CONFINED != 0, Ordering::Relaxed);
    STATE.foreign.store(flags & FOREIGN != 0, Ordering::Relaxed);
    Some(numbers)
}

/// Whether an entry of an environment is the variable `name=`.
///
/// # Safety
/// `entry` is NUL-terminated.
pub unsafe fn is_variable(entry: *const c_char, name: &[u8]) -> bool {
    // SAFETY: as the caller promises.
    unsafe { text::bytes(entry, name.len()) == name }
}

pub type List = *const *const c_char;

/// Whether a variable is set.
///
/// # Safety
/// `list` is null or a null-terminated list of NUL-terminated strings.
pub unsafe fn has_variable(list: List, name: &[u8]) -> bool {
    let mut next = list;
    // SAFETY: as the caller promises.
    unsafe {
        while !next.is_null() && !(*next).is_null() {
            if is_variable(*next, name) {
                return true;
            }
            next = next.add(1);
        }
    }
    false
}

/// Calls `run` with the environment and the variables of a new image. Nothing is allocated unless the environment is
/// huge: the caller may share its memory with its parent.
///
/// # Safety
/// `list` is null or a null-terminated list of NUL-terminated strings.
pub unsafe fn with_variables<T>(list: List, variables: &Variables, run: impl FnOnce(List) -> T) -> T {
    let mut count = 0;
    // SAFETY: the list ends in a null pointer.
    while !list.is_null() && unsafe { !(*list.add(count)).is_null() } {
        count += 1;
    }
    // SAFETY: as the caller promises; the room is enough for the list, two more and the end.
    unsafe {
        match count + 3 {
            0..=96 => fill(list, &mut [core::ptr::null(); 96], variables, run),
            97..=1024 => fill(list, &mut [core::ptr::null(); 1024], variables, run),
            more => match sys::map(more * 8, -1) {
                Some(room) => fill(list, core::slice::from_raw_parts_mut(room.cast(), more), variables, run),
                None => run(list),
            },
        }
    }
}

/// # Safety
/// As for `with_variables`; `room` holds three more than the list.
unsafe fn fill<T>(
    list: List,
    room: &mut [*const c_char],
    variables: &Variables,
    run: impl FnOnce(List) -> T,
) -> T {
    let mut joined = [0u8; 1024];
    let mut end = 0;
    let mut has_preload = false;
    let mut next = list;
    // SAFETY: the list ends in a null pointer, its strings in NULs.
    unsafe {
        while !next.is_null() && !(*next).is_null() {
            let entry = *next;
            next = next.add(1);
            if is_variable(entry, VARIABLE) {
                continue;
            }
            let mut kept = entry;
            if is_variable(entry, PRELOAD) && !has_preload {
                has_preload = true;
                kept = join(entry, variables, &mut joined);
            }
            put(room, &mut end, kept);
        }
    }
    if !has_preload {
        put(room, &mut end, variables.preload.as_ptr().cast());
    }
    put(room, &mut end, variables.link.as_ptr().cast());
    put(room, &mut end, core::ptr::null());
    run(room.as_ptr())
}

fn put(room: &mut [*const c_char], end: &mut usize, entry: *const c_char) {
    if let Some(slot) = room.get_mut(*end) {
        *slot = entry;
        *end += 1;
    }
}

/// The user's `LD_PRELOAD` with the library before it.
///
/// # Safety
/// `entry` is NUL-terminated.
unsafe fn join(entry: *const c_char, variables: &Variables, joined: &mut [u8; 1024]) -> *const c_char {
    const MOST: usize = 1 << 17;
    // SAFETY: as the caller promises.
    let value = unsafe { text::bytes(entry.add(PRELOAD.len()), MOST) };
    let ours = variables.preload.get(..variables.preload_length).unwrap_or(&[]);
    if value.starts_with(ours.get(PRELOAD.len()..).unwrap_or(&[])) {
        return entry;
    }
    let needed = ours.len() + value.len() + 2;
    let room = if needed <= joined.len() {
        &mut joined[..]
    } else {
        match sys::map(needed, -1) {
            // SAFETY: fresh memory of that size.
            Some(room) => unsafe { core::slice::from_raw_parts_mut(room, needed) },
            None => return entry,
        }
    };
    let mut end = text::put(room, 0, ours);
    if !value.is_empty() {
        end = text::put(room, end, b":");
    }
    end = text::put(room, end, value);
    text::put(room, end, b"\0");
    room.as_ptr().cast()
}
