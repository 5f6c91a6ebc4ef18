//! Many descriptors behind one, which is cheaper to wait for.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Readable while one of its descriptors is.
pub struct Epoll {
    descriptor: OwnedFd,
}

impl Epoll {
    pub fn new() -> io::Result<Epoll> {
        // SAFETY: a plain system call; the descriptor is new and ours alone.
        unsafe {
            let descriptor = libc::epoll_create1(libc::EPOLL_CLOEXEC);
            if descriptor < 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(Epoll { descriptor: OwnedFd::from_raw_fd(descriptor) })
        }
    }

    pub fn raw(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }

    /// Watches a descriptor until it is closed or removed; `data` comes back with its events.
    pub fn add(&self, watched: RawFd, data: u64) {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: data };
        // SAFETY: the event is alive for the call; a number that is not open, such as -1, is refused.
        unsafe { libc::epoll_ctl(self.raw(), libc::EPOLL_CTL_ADD, watched, &mut event) };
    }

    /// One that is not watched, or no longer open, is passed over.
    pub fn remove(&self, watched: RawFd) {
        // SAFETY: as above; a removal takes no event.
        unsafe { libc::epoll_ctl(self.raw(), libc::EPOLL_CTL_DEL, watched, std::ptr::null_mut()) };
    }

    /// What is ready now, 64 at most: `data`, and whether the other side has hung up.
    pub fn take(&self) -> Vec<(u64, bool)> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 64];
        // SAFETY: the kernel writes at most the number of entries given.
        let count = unsafe { libc::epoll_wait(self.raw(), events.as_mut_ptr(), events.len() as i32, 0) };
        let hung_up = |event: &libc::epoll_event| event.events & libc::EPOLLHUP as u32 != 0;
        events[..count.max(0) as usize].iter().map(|event| (event.u64, hung_up(event))).collect()
    }
}

/// The descriptors that seldom become readable, as one.
pub struct Quiet {
    epoll: Epoll,
    watched: Vec<RawFd>,
}

impl Quiet {
    pub fn new() -> io::Result<Quiet> {
        Ok(Quiet { epoll: Epoll::new()?, watched: Vec::with_capacity(8) })
    }

    pub fn raw(&self) -> RawFd {
        self.epoll.raw()
    }

    /// Watches these alone from here on. Where some may be new, a number may have come to mean another file.
    pub fn watch(&mut self, wanted: &[libc::pollfd], may_be_new: bool) {
        if !may_be_new && wanted.iter().map(|wanted| wanted.fd).eq(self.watched.iter().copied()) {
            return;
        }
        for watched in self.watched.drain(..) {
            self.epoll.remove(watched);
        }
        for wanted in wanted {
            self.epoll.add(wanted.fd, 0);
            self.watched.push(wanted.fd);
        }
    }
}
