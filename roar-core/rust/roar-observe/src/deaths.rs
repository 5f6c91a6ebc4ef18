//! Learning that a process has ended, and how.

use crate::procfs;
use crate::tracer::Tracer;
use roar_launch::outcome::Outcome;
use roar_trace::sys;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// While calls come, deaths are looked at this often: to be woken at each costs a job more than its calls do.
const PUT_OFF_MS: u64 = 10;

/// The pidfds of all known processes, in one epoll.
pub struct Deaths {
    epoll: OwnedFd,
    /// Of the commands themselves, whose end is never put off.
    of_commands: OwnedFd,
    /// While calls come: when deaths are to be looked at.
    due_ms: Option<u64>,
    calls_came: bool,
    /// How a process ended can be asked after it was reaped.
    may_be_late: bool,
}

fn new_epoll() -> io::Result<OwnedFd> {
    // SAFETY: a plain system call; the descriptor is new and ours alone.
    unsafe {
        let descriptor = libc::epoll_create1(libc::EPOLL_CLOEXEC);
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(descriptor))
    }
}

impl Deaths {
    pub fn new() -> io::Result<Deaths> {
        let (epoll, of_commands) = (new_epoll()?, new_epoll()?);
        let may_be_late = procfs::kernel_version() >= (6, 15);
        Ok(Deaths { epoll, of_commands, due_ms: None, calls_came: false, may_be_late })
    }

    /// Readable when a command has ended.
    pub fn of_commands(&self) -> RawFd {
        self.of_commands.as_raw_fd()
    }

    /// Readable when any process has ended; -1 while that is put off.
    pub fn of_all(&self) -> RawFd {
        self.due_ms.map_or(self.epoll.as_raw_fd(), |_| -1)
    }

    /// A call has come at this time.
    pub fn put_off(&mut self, now_ms: u64) {
        if !self.may_be_late {
            return;
        }
        self.calls_came = true;
        self.due_ms.get_or_insert(now_ms + PUT_OFF_MS);
    }

    /// How long deaths may still be left alone.
    pub fn patience(&self) -> Option<u64> {
        self.due_ms.map(|due| due.saturating_sub(sys::coarse_ms()))
    }

    pub fn watch(&self, pidfd: &OwnedFd, process: i32) {
        add(&self.epoll, pidfd, process);
    }

    pub fn watch_command(&self, pidfd: &OwnedFd, process: i32) {
        add(&self.epoll, pidfd, process);
        add(&self.of_commands, pidfd, process);
    }

    /// Processes that have ended, and whether they have been reaped already.
    fn take(&mut self) -> Vec<(i32, bool)> {
        let calls_came = std::mem::take(&mut self.calls_came);
        self.due_ms = calls_came.then(|| sys::coarse_ms() + PUT_OFF_MS);
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 64];
        // SAFETY: the kernel writes at most the number of entries given.
        let count =
            unsafe { libc::epoll_wait(self.epoll.as_raw_fd(), events.as_mut_ptr(), events.len() as i32, 0) };
        let reaped = |event: &libc::epoll_event| event.events & libc::EPOLLHUP as u32 != 0;
        events[..count.max(0) as usize].iter().map(|event| (event.u64 as i32, reaped(event))).collect()
    }
}

fn add(epoll: &OwnedFd, pidfd: &OwnedFd, process: i32) {
    let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: process as u64 };
    // SAFETY: both descriptors are open, the event is alive for the call.
    unsafe { libc::epoll_ctl(epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, pidfd.as_raw_fd(), &mut event) };
}

impl Tracer {
    /// Takes note of the processes that have ended since.
    pub fn bury(&mut self) {
        loop {
            let ended = self.deaths.take();
            if ended.is_empty() {
                return;
            }
            self.bury_each(ended);
        }
    }

    fn bury_each(&mut self, ended: Vec<(i32, bool)>) {
        for (pid, reaped) in ended {
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
        let status = status.or(process.announced);
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
