//! What this process knows of itself. Everything is atomic: threads and signal handlers share it without a lock.

use crate::entry::{self, Head, Kind};
use crate::environment::TRACER;
use crate::ring::Ring;
use crate::sys::{self, Status};
use crate::text::MOST_PATH;
use core::cell::UnsafeCell;
use core::sync::atomic::{fence, AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// The number of the command's own working directory and root.
pub const FIRST: u64 = 0;

pub struct State {
    ring: AtomicPtr<u8>,
    ring_bytes: AtomicUsize,
    /// The number of the program image that runs here.
    pub image: AtomicU64,
    /// The process that the rest is true of; a child that shares memory has another number.
    pub process: AtomicU32,
    pub directory: AtomicU64,
    pub root: AtomicU64,
    /// Some thread's relative paths do not start at `directory`.
    pub astray: AtomicBool,
    /// A mount namespace of its own.
    pub foreign: AtomicBool,
    /// The program has restricted its own system calls: none is made that it might not make itself.
    pub confined: AtomicBool,
    directory_path: Guarded,
    /// The wall clock, as the C library reads it without a system call.
    pub clock: AtomicUsize,
}

struct Guarded {
    /// Odd while the path is being written.
    turn: AtomicU64,
    length: AtomicUsize,
    bytes: UnsafeCell<[u8; MOST_PATH]>,
}

// SAFETY: readers notice by `turn` that they have read while somebody wrote, and drop what they have read.
unsafe impl Sync for Guarded {}

pub static STATE: State = State {
    ring: AtomicPtr::new(core::ptr::null_mut()),
    ring_bytes: AtomicUsize::new(0),
    image: AtomicU64::new(0),
    process: AtomicU32::new(0),
    directory: AtomicU64::new(FIRST),
    root: AtomicU64::new(FIRST),
    astray: AtomicBool::new(false),
    foreign: AtomicBool::new(false),
    confined: AtomicBool::new(false),
    directory_path: Guarded {
        turn: AtomicU64::new(0),
        length: AtomicUsize::new(0),
        bytes: UnsafeCell::new([0; MOST_PATH]),
    },
    clock: AtomicUsize::new(0),
};

/// Opens and maps the ring of `TRACER`; whether that went well.
pub fn open_ring() -> bool {
    const FLAGS: i32 = sys::O_RDWR | sys::O_CLOEXEC;
    let path = TRACER.ring_path();
    // SAFETY: the path ends in a NUL.
    let Ok(descriptor) = (unsafe { sys::open_at(sys::AT_FDCWD, path.as_ptr().cast(), FLAGS) }) else {
        return false;
    };
    let bytes = sys::stat_descriptor(descriptor, false).map_or(0, |status| status.size as usize);
    let start = sys::map(bytes.max(1), descriptor);
    sys::close(descriptor);
    if let Some(start) = start {
        STATE.use_ring(start, bytes);
    }
    STATE.ring().is_some()
}

const REALTIME: i32 = 0;
/// Never a system call, whatever the machine's clock.
const REALTIME_COARSE: i32 = 5;
const MONOTONIC_COARSE: i32 = 6;

impl State {
    /// From here on entries go to the ring that is mapped there.
    pub fn use_ring(&self, start: *mut u8, bytes: usize) {
        self.ring_bytes.store(bytes, Ordering::Relaxed);
        self.ring.store(start, Ordering::Release);
    }

    pub fn ring(&self) -> Option<Ring> {
        let start = self.ring.load(Ordering::Acquire);
        if start.is_null() {
            return None;
        }
        // SAFETY: what `use_ring` was given stays mapped.
        unsafe { Ring::at(start, self.ring_bytes.load(Ordering::Relaxed)) }
    }

    pub fn is_confined(&self) -> bool {
        self.confined.load(Ordering::Relaxed)
    }

    /// Who makes an entry of this kind now.
    pub fn head(&self, kind: Kind, flags: u16) -> Head {
        let clock = if self.is_confined() { REALTIME_COARSE } else { REALTIME };
        let mark = |set: &AtomicBool, flag: u16| if set.load(Ordering::Relaxed) { flag } else { 0 };
        Head {
            flags: flags | mark(&self.foreign, entry::FOREIGN) | mark(&self.astray, entry::ASTRAY),
            process: self.process.load(Ordering::Relaxed),
            image: self.image.load(Ordering::Relaxed),
            time_ns: if kind.has_time() { self.time(clock) } else { 0 },
            directory: self.directory.load(Ordering::Relaxed),
            root: self.root.load(Ordering::Relaxed),
        }
    }

    /// Writes an entry of this process.
    pub fn write(
        &self,
        kind: Kind,
        flags: u16,
        numbers: &[u64],
        statuses: &[&Status],
        texts: &[&[u8]],
    ) -> Option<(u64, u64)> {
        entry::write(&self.ring()?, kind, &self.head(kind, flags), numbers, statuses, texts)
    }

    /// Milliseconds of a coarse clock that never stands still for long.
    pub fn now_ms(&self) -> u64 {
        self.time(MONOTONIC_COARSE) / 1_000_000
    }

    fn time(&self, clock: i32) -> u64 {
        let address = self.clock.load(Ordering::Relaxed);
        if address == 0 {
            return 0;
        }
        let mut time = [0i64; 2];
        // SAFETY: the address is that of clock_gettime, which fills a struct timespec.
        unsafe {
            let read: extern "C" fn(i32, *mut [i64; 2]) -> i32 = core::mem::transmute(address);
            read(clock, &mut time);
        }
        time[0].wrapping_mul(1_000_000_000).wrapping_add(time[1]) as u64
    }

    /// Whether the rest of the state is true of the calling process: not in a child that shares or has copied its
    /// parent's memory unseen.
    pub fn is_own(&self) -> bool {
        self.is_confined() || sys::process() as u32 == self.process.load(Ordering::Relaxed)
    }

    /// Looks where the process stands, and says so.
    pub fn look_around(&self) {
        let mut buffer = [0u8; MOST_PATH];
        let there = if self.is_confined() { None } else { sys::working_directory(&mut buffer) };
        let said = there.and_then(|path| self.write(Kind::Directory, 0, &[], &[], &[path]));
        self.keep_directory(there.unwrap_or(&[]));
        match said {
            Some((position, _)) => {
                self.directory.store(position, Ordering::Relaxed);
                self.astray.store(false, Ordering::Relaxed);
            }
            None => self.astray.store(true, Ordering::Relaxed),
        }
    }

    /// Remembers the path of the working directory; empty: unknown.
    pub fn keep_directory(&self, path: &[u8]) {
        let kept = &self.directory_path;
        kept.turn.fetch_add(1, Ordering::AcqRel);
        fence(Ordering::Release);
        let length = if path.len() < MOST_PATH { path.len() } else { 0 };
        // SAFETY: it fits; readers that meet us drop what they read.
        unsafe { core::ptr::copy_nonoverlapping(path.as_ptr(), kept.bytes.get().cast::<u8>(), length) };
        kept.length.store(length, Ordering::Relaxed);
        kept.turn.fetch_add(1, Ordering::Release);
    }

    /// Asks a question about the path of the working directory; no, where it is unknown or has changed meanwhile.
    pub fn ask_of_directory(&self, question: impl Fn(&[u8]) -> bool) -> bool {
        let kept = &self.directory_path;
        let turn = kept.turn.load(Ordering::Acquire);
        let length = kept.length.load(Ordering::Relaxed).min(MOST_PATH);
        if turn % 2 == 1 || length == 0 {
            return false;
        }
        // SAFETY: the length is within the array; a torn read is found out below.
        let path = unsafe { core::slice::from_raw_parts(kept.bytes.get().cast::<u8>(), length) };
        let answer = question(path);
        fence(Ordering::Acquire);
        answer && kept.turn.load(Ordering::Relaxed) == turn
    }
}
