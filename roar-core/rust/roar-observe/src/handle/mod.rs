//! What each caught call does to the record, decided while the caller waits.

mod base;
mod exec;
mod link;
mod open;
mod remove;
mod rename;
mod special;
mod trace;
mod view;

use crate::caller::Caller;
use crate::calls::{self, Call};
use crate::listener::Notification;
use crate::memory;
use crate::tracer::Tracer;
use roar_trace::sys;

const AT_FDCWD: i32 = libc::AT_FDCWD;
const CREATE_ANEW: i32 = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC;

/// How a call is let go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Proceed,
    /// It is to be made again after the stop that has been asked for.
    Restart,
}

/// A caught call with its arguments as the kernel takes them.
pub struct Caught {
    pub call: Call,
    pub thread: i32,
    pub pointer: usize,
    pub number: i32,
    pub arguments: [u64; 6],
}

impl Caught {
    fn int(&self, index: usize) -> i32 {
        self.arguments[index] as i32
    }
}

impl Tracer {
    /// Records what a notified call is about to do.
    pub fn notified(&mut self, notification: &Notification) -> Answer {
        let Some((call, architecture)) = calls::decode(notification.audit, notification.number as u32) else {
            return Answer::Proceed;
        };
        self.caught(&Caught {
            call,
            thread: notification.thread as i32,
            pointer: architecture.pointer,
            number: notification.number & !(architecture.mask as i32),
            arguments: notification.arguments,
        })
    }

    /// Records what a call is about to do.
    pub fn caught(&mut self, caught: &Caught) -> Answer {
        self.now_ms = sys::coarse_ms();
        #[cfg(feature = "fault-injection")]
        self.fail_if_asked(caught);
        if caught.call == Call::Ptrace {
            return self.asks_to_trace(caught);
        }
        match self.caller(caught.thread) {
            Some(caller) => self.recorded(&caller, caught),
            None => self.caught_unrecorded(caught),
        }
        Answer::Proceed
    }

    fn recorded(&mut self, caller: &Caller, caught: &Caught) {
        match caught.call {
            Call::Open => self.open_named(caller, AT_FDCWD, caught.arguments[0], caught.int(1), 0),
            Call::OpenAt => self.open_named(caller, caught.int(0), caught.arguments[1], caught.int(2), 0),
            Call::Creat => self.open_named(caller, AT_FDCWD, caught.arguments[0], CREATE_ANEW, 0),
            Call::OpenAt2 => self.open_restricted(caller, caught),
            Call::OpenByHandle => self.open_by_handle(caller, caught),
            Call::Truncate => self.truncate(caller, caught),
            Call::Rename => {
                self.rename(caller, [AT_FDCWD, AT_FDCWD], [caught.arguments[0], caught.arguments[1]], 0)
            }
            Call::RenameAt | Call::RenameAt2 => {
                let flags = if caught.call == Call::RenameAt2 { caught.arguments[4] as u32 } else { 0 };
                let paths = [caught.arguments[1], caught.arguments[3]];
                self.rename(caller, [caught.int(0), caught.int(2)], paths, flags);
            }
            Call::Link => {
                self.link(caller, [AT_FDCWD, AT_FDCWD], [caught.arguments[0], caught.arguments[1]], 0)
            }
            Call::LinkAt => {
                let paths = [caught.arguments[1], caught.arguments[3]];
                self.link(caller, [caught.int(0), caught.int(2)], paths, caught.int(4));
            }
            Call::Unlink => self.unlink(caller, AT_FDCWD, caught.arguments[0]),
            Call::UnlinkAt if caught.int(2) & libc::AT_REMOVEDIR == 0 => {
                self.unlink(caller, caught.int(0), caught.arguments[1]);
            }
            Call::ChangeDirectory => self.unsettle_process(caller.process, caller.thread),
            Call::ChangeIdentity => self.change_identity(caller),
            Call::UnlinkAt | Call::RemoveDirectory | Call::Mount => self.unsettle(caller),
            Call::ChangeView => self.change_view(caller, caught),
            Call::Exec => {
                self.exec(caller, AT_FDCWD, caught.arguments[0], caught.arguments[1], 0, caught.pointer)
            }
            Call::ExecAt => {
                let (path, words) = (caught.arguments[1], caught.arguments[2]);
                self.exec(caller, caught.int(0), path, words, caught.int(4), caught.pointer);
            }
            Call::MapShared => self.map_shared(caller, caught.int(4)),
            Call::IoUring => self.io_uring(caller),
            Call::Ptrace => {}
            Call::Seccomp => {
                self.filters_itself(caller, caught.arguments[0] as u32, caught.arguments[1], caught)
            }
            Call::SeccompByPrctl => {
                let mode = if caught.arguments[1] == 2 { 1 } else { 0 };
                self.filters_itself(caller, mode, 0, caught);
            }
        }
    }

    /// Calls of processes that are not recorded still change what is known of names.
    fn caught_unrecorded(&mut self, caught: &Caught) {
        match caught.call {
            Call::Exec | Call::ExecAt => self.exec_unrecorded(caught.thread),
            Call::ChangeDirectory | Call::ChangeView | Call::ChangeIdentity | Call::Mount => {
                self.forget_names();
                if let Some(pid) = self.tree.process_of(caught.thread, self.now_ms) {
                    self.unsettle_process(pid, caught.thread);
                    if let Some(process) = self.tree.processes.get_mut(&pid) {
                        process.view_changed = true;
                    }
                }
            }
            Call::Rename | Call::RenameAt | Call::RenameAt2 | Call::RemoveDirectory => self.forget_names(),
            _ => {}
        }
    }

    /// Opening a file of one name makes the tracer itself fail, of another hang until a file `release` is there.
    #[cfg(feature = "fault-injection")]
    fn fail_if_asked(&mut self, caught: &Caught) {
        let index = usize::from(caught.call == Call::OpenAt);
        if let Some(path) = self.read_path(caught.thread, caught.arguments[index]) {
            assert!(!path.ends_with(b"/tracer-must-fail"), "a fault on demand");
            let path_text = String::from_utf8_lossy(&path).into_owned();
            let release = std::path::Path::new(&path_text).with_file_name("release");
            while path.ends_with(b"/tracer-must-hang") && !release.exists() {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            self.path = path;
        }
    }

    /// Reads a path argument; the buffer goes back with `self.path = path`.
    fn read_path(&mut self, thread: i32, address: u64) -> Option<Vec<u8>> {
        let mut path = std::mem::take(&mut self.path);
        if memory::read_path(thread, address, &mut path) {
            Some(path)
        } else {
            self.path = path;
            None
        }
    }
}
