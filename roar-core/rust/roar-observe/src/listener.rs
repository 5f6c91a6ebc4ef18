//! The listener of a seccomp user notification filter.

use std::cell::Cell;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// A call that waits for our answer (`struct seccomp_notif`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Notification {
    pub id: u64,
    pub thread: u32,
    pub flags: u32,
    pub number: i32,
    pub audit: u32,
    pub instruction: u64,
    pub arguments: [u64; 6],
}

#[repr(C)]
struct Response {
    id: u64,
    value: i64,
    error: i32,
    flags: u32,
}

const RECEIVE: u64 = 0xc050_2100;
const SEND: u64 = 0xc018_2101;
const SET_FLAGS: u64 = 0x4008_2104;
const SYNC_WAKE_UP: u64 = 1;
const FLAG_CONTINUE: u32 = 1;

/// After how many calls of one thread in a row it counts as the only one that calls.
const ALONE: u32 = 4;

pub struct Listener {
    descriptor: OwnedFd,
    /// Linux 6.6: whom a call or its answer wakes goes on, on the CPU of the one that falls asleep: four times as fast.
    wakes_nearby: bool,
    last_caller: Cell<u32>,
    /// How many calls its last caller has made in a row.
    in_a_row: Cell<u32>,
}

impl Listener {
    pub fn new(descriptor: OwnedFd) -> Listener {
        Listener {
            wakes_nearby: set_flags(&descriptor, SYNC_WAKE_UP),
            descriptor,
            last_caller: Cell::new(0),
            in_a_row: Cell::new(0),
        }
    }

    pub fn raw(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }

    /// The next waiting call. Blocks unless the descriptor is readable; an error means that the caller has died.
    pub fn receive(&self) -> io::Result<Notification> {
        let mut notification = Notification::default();
        // SAFETY: the kernel fills a zeroed structure of the size that the request encodes.
        if unsafe { libc::ioctl(self.raw(), RECEIVE as _, &mut notification) } < 0 {
            return Err(io::Error::last_os_error());
        }
        let goes_on = self.last_caller.replace(notification.thread) == notification.thread;
        self.in_a_row.set(if goes_on { self.in_a_row.get() + 1 } else { 0 });
        Ok(notification)
    }

    /// Makes the caller ask again, after a stop that it is about to make (PTRACE_INTERRUPT).
    pub fn restart(&self, id: u64) {
        const ERESTARTNOINTR: i32 = 513;
        self.answer(Response { id, value: 0, error: -ERESTARTNOINTR, flags: 0 });
    }

    /// Lets the call go on. The caller may have died: nothing is lost then.
    pub fn proceed(&self, id: u64) {
        self.answer(Response { id, value: 0, error: 0, flags: FLAG_CONTINUE });
    }

    /// Callers that were all woken nearby would end up on one CPU, and leave the others idle.
    fn answer(&self, mut response: Response) {
        let goes_far = self.wakes_nearby && self.in_a_row.get() < ALONE;
        if goes_far {
            set_flags(&self.descriptor, 0);
        }
        // SAFETY: the structure has the size that the request encodes.
        unsafe { libc::ioctl(self.raw(), SEND as _, &mut response) };
        if goes_far {
            set_flags(&self.descriptor, SYNC_WAKE_UP);
        }
    }
}

/// Whether the kernel has taken them.
fn set_flags(listener: &OwnedFd, flags: u64) -> bool {
    // SAFETY: the request takes its flags by value; older kernels refuse it.
    unsafe { libc::ioctl(listener.as_raw_fd(), SET_FLAGS as _, flags) == 0 }
}
