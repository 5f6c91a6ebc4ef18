//! The first thing that runs of this library.

use crate::entry::Kind;
use crate::environment::{self, PRELOAD, TRACER, VARIABLE};
use crate::objects;
use crate::state::{self, STATE};
use crate::sys;
use crate::text::{self, MOST_PATH};
use core::ffi::{c_char, c_int, c_ulong, c_void};
use core::sync::atomic::{AtomicU8, Ordering};

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
const FRESH: u8 = 0;
const STARTING: u8 = 1;
const STARTED: u8 = 2;
static STAGE: AtomicU8 = AtomicU8::new(FRESH);

#[used]
#[link_section = ".init_array"]
static CONSTRUCTOR: extern "C" fn() = constructor;

extern "C" fn constructor() {
    ensure();
}

/// Starts, if that has not happened yet: the constructor of another library may call before ours has run.
#[inline]
pub fn ensure() {
    if STAGE.load(Ordering::Acquire) != STARTED {
        start_once();
    }
}

#[cold]
fn start_once() {
    if STAGE.compare_exchange(FRESH, STARTING, Ordering::AcqRel, Ordering::Acquire).is_ok() {
        objects::learn();
        STATE.clock.store(objects::find(b"clock_gettime").unwrap_or(0), Ordering::Relaxed);
        // SAFETY: the C library has set its environment up before it runs any constructor.
        let link = unsafe { hide() };
        if let Some(link) = link {
            connect(link);
        }
        STAGE.store(STARTED, Ordering::Release);
    }
}

/// Takes our variables out of the environment, and the library out of `LD_PRELOAD`; what ours said.
pub unsafe fn hide() -> Option<[u64; 6]> {
    let mut link = None;
    // SAFETY: the list ends in a null pointer, its strings in NULs; both are this process's own to change.
    unsafe {
        let mut read = environ;
        if read.is_null() {
            return None;
        }
        while !(*read).is_null() && link.is_none() {
            if environment::is_variable(*read, VARIABLE) {
                link = environment::read_link(text::bytes((*read).add(VARIABLE.len()), 256));
            }
            read = read.add(1);
        }
        if let Some([tracer, library, ring, ..]) = link {
            TRACER.set(tracer, library, ring);
        }
        let ours = TRACER.library_path();
        let ours = text::path(ours.as_ptr().cast());
        let (mut read, mut kept) = (environ, environ);
        while !(*read).is_null() {
            let entry = *read;
            read = read.add(1);
            let is_ours = environment::is_variable(entry, VARIABLE);
            if !(is_ours || environment::is_variable(entry, PRELOAD) && leave_out(entry, ours)) {
                *kept = entry;
                kept = kept.add(1);
            }
        }
        *kept = core::ptr::null_mut();
    }
    link
}

/// Takes the library out of an `LD_PRELOAD` variable; true if nothing else is in it.
unsafe fn leave_out(entry: *mut c_char, ours: &[u8]) -> bool {
    const MOST: usize = 1 << 17;
    // SAFETY: the string ends in a NUL; it becomes shorter in place.
    unsafe {
        let value = entry.add(PRELOAD.len());
        let whole = text::bytes(value, MOST);
        let Some(rest) = whole.strip_prefix(ours) else { return false };
        let (length, skipped) = match rest.split_first() {
            None => return true,
            Some((_, theirs)) => (theirs.len(), ours.len() + 1),
        };
        core::ptr::copy(value.add(skipped), value, length + 1);
    }
    false
}

fn connect([_, _, _, image, directory, root]: [u64; 6]) {
    if !state::open_ring() {
        return;
    }
    STATE.image.store(image, Ordering::Relaxed);
    STATE.directory.store(directory, Ordering::Relaxed);
    STATE.root.store(root, Ordering::Relaxed);
    let process = if STATE.is_confined() { 0 } else { sys::process() };
    STATE.process.store(process as u32, Ordering::Relaxed);
    say_started(process);
    // SAFETY: the handlers are functions of this library, which is never unloaded.
    unsafe {
        on_exit(ending, core::ptr::null_mut());
        __register_atfork(None, None, Some(forked), core::ptr::null_mut());
    }
    objects::look();
}

fn say_started(process: i32) {
    let mut buffer = [0u8; MOST_PATH];
    let there = if STATE.is_confined() { None } else { sys::working_directory(&mut buffer) };
    // SAFETY: the kernel puts 16 random bytes at the address it tells.
    let (address, random) = unsafe {
        let address = getauxval(AT_RANDOM);
        let words = if address == 0 { [0; 2] } else { *(address as *const [u64; 2]) };
        (address, words)
    };
    let numbers = [process as u64, address, random[0], random[1]];
    let said = STATE.write(Kind::Start, 0, &numbers, &[], &[there.unwrap_or(&[])]);
    STATE.keep_directory(there.unwrap_or(&[]));
    match (said, there) {
        (Some((position, _)), Some(_)) => STATE.directory.store(position, Ordering::Relaxed),
        (_, None) if STATE.is_confined() => {}
        _ => STATE.astray.store(true, Ordering::Relaxed),
    }
}

/// The process ends by exit(3): the last handler, since it was the first to be registered.
extern "C" fn ending(status: c_int, _: *mut c_void) {
    objects::look_if_more();
    say_ending(status);
}

/// Says that this process is about to end.
pub fn say_ending(status: c_int) {
    let process = STATE.process.load(Ordering::Relaxed);
    STATE.write(Kind::Exit, 0, &[process.into(), (status & 0xff) as u64], &[], &[]);
}

extern "C" fn forked() {
    if !STATE.is_confined() {
        let process = sys::process();
        STATE.process.store(process as u32, Ordering::Relaxed);
        STATE.write(Kind::Fork, 0, &[process as u64], &[], &[]);
    }
}
