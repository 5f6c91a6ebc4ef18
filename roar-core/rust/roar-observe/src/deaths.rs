//! Learning that a process has ended, and how.

use crate::procfs;
use crate::tracer::Tracer;
use roar_launch::outcome::Outcome;
use roar_trace::sys;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// The pidfds of all known processes, in one epoll.
pub struct Deaths {
    epoll: OwnedFd,
}

impl Deaths {
    pub fn new() -> io::Result<Deaths> {
        // SAFETY: a plain system call; the descriptor is new and ours alone.
        let epoll = unsafe {
            let descriptor = libc::epoll_create1(libc::EPOLL_CLOEXEC);
            if descriptor < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(descriptor)
        };
        Ok(Deaths { epoll })
    }

    pub fn raw(&self) -> RawFd {
        self.epoll.as_raw_fd()
    }

    pub fn watch(&self, pidfd: &OwnedFd, process: i32) {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: process as u64 };
        // SAFETY: both descriptors are open, the event is alive for the call.
        unsafe { libc::epoll_ctl(self.raw(), libc::EPOLL_CTL_ADD, pidfd.as_raw_fd(), &mut event) };
    }

    /// Processes that have ended, and whether they have been reaped already.
    fn take(&self) -> Vec<(i32, bool)> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 64];
        // SAFETY: the kernel writes at most the number of entries given.
        let count = unsafe { libc::epoll_wait(self.raw(), events.as_mut_ptr(), events.len() as i32, 0) };
        let reaped = |event: &libc::epoll_event| event.events & libc::EPOLLHUP as u32 != 0;
        events[..count.max(0) as usize].iter().map(|event| (event.u64 as i32, reaped(event))).collect()
    }
}

impl Tracer {
    /// Takes note of the processes that have ended since.
    pub fn bury(&mut self) {
        for (pid, reaped) in self.deaths.take() {
            // A zombie shows its status in /proc, a reaped one through its pidfd; it may be reaped while we ask.
            let status = if reaped { None } else { procfs::zombie_status(pid) };
            let pidfd = self.tree.processes.get(&pid).and_then(|process| process.pidfd.as_ref());
            let status = status.or_else(|| pidfd.and_then(procfs::status_after_exit));
            self.process_ended(pid, status.map(Outcome::from_wait_status));
        }
    }

    /// A process has ended; how, if that is known.
    pub fn process_ended(&mut self, pid: i32, status: Option<Outcome>) {
        let plausible = |tracer: &Tracer| {
            tracer
                .tree
                .processes
                .get(&pid)
                .and_then(|process| process.pending.as_ref())
                .is_some_and(|p| p.plausible)
        };
        if plausible(self) {
            self.commit_exec(pid, None);
        }
        let Some(process) = self.tree.remove(pid) else { return };
        let now = sys::now_ns();
        let job = &mut self.jobs[process.job];
        if let Some(line) = process.image.filter(|_| process.owns_image && !process.ignored) {
            if let Some(line) = job.recording.process_mut(self.tree.images[line].line) {
                line.ended_ns = Some(now);
                line.exit_code = status.and_then(Outcome::exit_code);
                line.signal = status.and_then(Outcome::signal);
            }
        }
        if job.root == pid {
            job.root_ended(status, now);
        }
    }
}
