//! Learning that a process has ended, and how.

use crate::epoll::Epoll;
use crate::procfs;
use crate::tracer::Tracer;
use crate::tree::Process;
use roar_launch::outcome::Outcome;
use roar_trace::sys;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// While calls come, deaths are looked at this often: to be woken at each costs a job more than its calls do.
const PUT_OFF_MS: u64 = 10;

/// The pidfds of all known processes, in one epoll.
pub struct Deaths {
    epoll: Epoll,
    /// Of the commands themselves, whose end is never put off.
    of_commands: Epoll,
    /// While calls come: when deaths are to be looked at.
    due_ms: Option<u64>,
    calls_came: bool,
    /// How a process ended can be asked after it was reaped.
    may_be_late: bool,
}

impl Deaths {
    pub fn new() -> io::Result<Deaths> {
        let (epoll, of_commands) = (Epoll::new()?, Epoll::new()?);
        let may_be_late = procfs::kernel_version() >= (6, 15);
        Ok(Deaths { epoll, of_commands, due_ms: None, calls_came: false, may_be_late })
    }

    /// Readable when a command has ended.
    pub fn of_commands(&self) -> RawFd {
        self.of_commands.raw()
    }

    /// Readable when any process has ended; -1 while that is put off.
    pub fn of_all(&self) -> RawFd {
        self.due_ms.map_or(self.epoll.raw(), |_| -1)
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

    /// Watches for the end of a process that is new in the tree; false if it has gone already.
    pub fn follow(&self, process: &mut Process) -> bool {
        process.pidfd = procfs::open_pidfd(process.pid);
        let Some(pidfd) = &process.pidfd else { return false };
        self.watch(pidfd, process.pid);
        true
    }

    pub fn watch(&self, pidfd: &OwnedFd, process: i32) {
        self.epoll.add(pidfd.as_raw_fd(), process as u64);
    }

    pub fn watch_command(&self, pidfd: &OwnedFd, process: i32) {
        self.epoll.add(pidfd.as_raw_fd(), process as u64);
        self.of_commands.add(pidfd.as_raw_fd(), process as u64);
    }

    /// Processes that have ended, and whether they have been reaped already.
    fn take(&mut self) -> Vec<(i32, bool)> {
        let calls_came = std::mem::take(&mut self.calls_came);
        self.due_ms = calls_came.then(|| sys::coarse_ms() + PUT_OFF_MS);
        self.epoll.take().into_iter().map(|(process, reaped)| (process as i32, reaped)).collect()
    }
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
}
