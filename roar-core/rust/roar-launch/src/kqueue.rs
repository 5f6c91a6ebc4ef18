//! A kernel queue of macOS (kqueue(2)): ends of processes, signals, descriptors that can be read.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// As many events as are taken at a time.
const MOST_EVENTS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The process of this id has ended. It may be a zombie still.
    Ended(i32),
    /// The signal was sent to this process.
    Signal(i32),
    /// More can be read there, or its other end has gone.
    Readable(RawFd),
}

pub struct Kqueue {
    descriptor: OwnedFd,
}

impl Kqueue {
    pub fn new() -> io::Result<Kqueue> {
        // SAFETY: plain system calls; the descriptor is new and ours alone.
        unsafe {
            let descriptor = libc::kqueue();
            if descriptor < 0 {
                return Err(io::Error::last_os_error());
            }
            let descriptor = OwnedFd::from_raw_fd(descriptor);
            libc::fcntl(descriptor.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC);
            Ok(Kqueue { descriptor })
        }
    }

    /// Tells once when the process ends. An error (ESRCH): it has ended already.
    pub fn watch_end(&self, process: i32) -> io::Result<()> {
        self.add(process as usize, libc::EVFILT_PROC, 0, libc::NOTE_EXIT)
    }

    /// Tells each time when the signal is sent to this process, even if it is ignored.
    pub fn watch_signal(&self, signal: i32) -> io::Result<()> {
        self.add(signal as usize, libc::EVFILT_SIGNAL, 0, 0)
    }

    /// Tells each time when there is more to be read, and when the other end has gone, until the descriptor is closed.
    pub fn watch_readable(&self, descriptor: RawFd) -> io::Result<()> {
        self.add(descriptor as usize, libc::EVFILT_READ, libc::EV_CLEAR, 0)
    }

    fn add(&self, identity: usize, filter: i16, flags: u16, notes: u32) -> io::Result<()> {
        let change = libc::kevent {
            ident: identity,
            filter,
            flags: libc::EV_ADD | flags,
            fflags: notes,
            data: 0,
            udata: std::ptr::null_mut(),
        };
        let none = std::ptr::null_mut();
        // SAFETY: the change is alive for the call, and there is no room for events.
        let result =
            unsafe { libc::kevent(self.descriptor.as_raw_fd(), &change, 1, none, 0, std::ptr::null()) };
        if result < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    /// What has happened, after waiting for something at most so long (`None`: for ever). None, if it was in vain.
    pub fn wait(&self, patience: Option<Duration>) -> Vec<Event> {
        let timeout = patience.map(|patience| libc::timespec {
            tv_sec: patience.as_secs() as libc::time_t,
            tv_nsec: patience.subsec_nanos().into(),
        });
        let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: zeroed memory is valid for this type; the kernel writes at most the number of entries given.
        let (events, count) = unsafe {
            let mut events: [libc::kevent; MOST_EVENTS] = std::mem::zeroed();
            let (room, most) = (events.as_mut_ptr(), MOST_EVENTS as libc::c_int);
            let count = libc::kevent(self.descriptor.as_raw_fd(), std::ptr::null(), 0, room, most, timeout);
            (events, count)
        };
        events[..count.max(0) as usize].iter().filter_map(understand).collect()
    }
}

fn understand(event: &libc::kevent) -> Option<Event> {
    let number = event.ident as i32;
    if event.flags & libc::EV_ERROR != 0 {
        return None;
    }
    match event.filter {
        libc::EVFILT_PROC => Some(Event::Ended(number)),
        libc::EVFILT_SIGNAL => Some(Event::Signal(number)),
        libc::EVFILT_READ => Some(Event::Readable(number)),
        _ => None,
    }
}
