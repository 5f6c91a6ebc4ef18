//! The first thing that runs of this library.

use crate::entry::Kind;
use crate::environment::{self, PRELOAD, TRACER, VARIABLE};
use crate::hooks;
use crate::objects;
use crate::state::{self, STATE};
use crate::sys;
use crate::text::{self, MOST_PATH};
use core::ffi::{c_char, c_int};
use core::sync::atomic::{AtomicU8, Ordering};

const FRESH: u8 = 0;
const STARTING: u8 = 1;
const STARTED: u8 = 2;
static STAGE: AtomicU8 = AtomicU8::new(FRESH);

#[used]
#[cfg_attr(not(target_os = "macos"), link_section = ".init_array")]
#[cfg_attr(target_os = "macos", link_section = "__DATA,__mod_init_func")]
static CONSTRUCTOR: extern "C" fn() = constructor;

// By this name the linker finds the library in its archive.
#[cfg_attr(target_os = "macos", export_name = "roar_preload_start")]
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
        let clock = hooks::find_clock();
        // SAFETY: the C library has set its environment up before it runs any constructor.
        let link = unsafe { hide() };
        if let Some(link) = link {
            connect(link);
        }
        // Until here the time is that of the exec: many programs never ask for another, and asking for the first one
        // costs page faults.
        STATE.clock.store(clock, Ordering::Relaxed);
        STAGE.store(STARTED, Ordering::Release);
    }
}

/// Takes our variables out of the environment, and the library out of `LD_PRELOAD`; what ours said.
pub unsafe fn hide() -> Option<[u64; 6]> {
    let mut link = None;
    // SAFETY: the list ends in a null pointer, its strings in NULs; both are this process's own to change.
    unsafe {
        let list = hooks::environment();
        let mut read = list;
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
        let (mut read, mut kept) = (list, list);
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
    hooks::call_at(ending, forked);
    objects::look();
}

fn say_started(process: i32) {
    let mut buffer = [0u8; MOST_PATH];
    let there = if STATE.is_confined() { None } else { sys::working_directory(&mut buffer) };
    let (address, random) = hooks::random_words();
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
fn ending(status: Option<c_int>) {
    objects::look_if_more();
    if let Some(status) = status {
        say_ending(status);
    }
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
