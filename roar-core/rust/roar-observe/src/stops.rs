//! ptrace: what the processes that are attached to report, and letting them go on.

use crate::calls;
use crate::handle::Caught;
use crate::service::Service;
use roar_launch::outcome::Outcome;
use std::collections::HashSet;
use std::io;

const SEIZE: libc::c_uint = 0x4206;
const INTERRUPT: libc::c_uint = 0x4207;
const LISTEN: libc::c_uint = 0x4208;
const GET_SYSCALL_INFO: libc::c_uint = 0x420e;
const EVENT_SECCOMP: i32 = 7;
const EVENT_STOP: i32 = 128;

/// What attaching is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Calls are caught by stops.
    Trace,
    /// The right to look into the processes (Yama); calls come by notification.
    Access,
}

/// The processes that are attached to.
pub struct Stops {
    pub purpose: Purpose,
    /// Threads that are to be let go of at their next stop.
    leaving: HashSet<i32>,
}

fn request(what: libc::c_uint, thread: i32, data: usize) -> io::Result<()> {
    // SAFETY: none of the requests made here takes an address of ours.
    let result = unsafe { libc::ptrace(what as _, thread, 0usize, data) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

impl Stops {
    /// Attaches to a process and to all that it will start.
    pub fn seize(process: i32, purpose: Purpose) -> io::Result<Stops> {
        let family = libc::PTRACE_O_TRACEFORK | libc::PTRACE_O_TRACEVFORK | libc::PTRACE_O_TRACECLONE;
        let options = match purpose {
            // Without us each caught call would fail for ever.
            Purpose::Trace => {
                family | libc::PTRACE_O_TRACEEXEC | libc::PTRACE_O_TRACESECCOMP | libc::PTRACE_O_EXITKILL
            }
            // TRACEEXEC replaces the SIGTRAP that an exec would send.
            Purpose::Access => family | libc::PTRACE_O_TRACEEXEC,
        };
        request(SEIZE, process, options as usize)?;
        Ok(Stops { purpose, leaving: HashSet::new() })
    }

    /// Lets go of a process, at the next stop of each of its threads.
    pub fn leave(&mut self, process: i32) {
        let Ok(entries) = std::fs::read_dir(format!("/proc/{process}/task")) else { return };
        let threads = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
        for thread in threads {
            self.leaving.insert(thread);
            self.interrupt(thread);
        }
    }

    /// Makes a thread stop as soon as it can.
    pub fn interrupt(&self, thread: i32) {
        // One that has died needs no stop.
        let _ = request(INTERRUPT, thread, 0);
    }

    /// Lets a stopped thread go on.
    fn resume(&mut self, thread: i32, event: i32, signal: i32) {
        let is_group_stop = event == EVENT_STOP
            && matches!(signal, libc::SIGSTOP | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU);
        let deliver = if event == 0 { signal as usize } else { 0 };
        // A thread that has died meanwhile refuses everything: nothing is lost.
        let _ = if self.leaving.contains(&thread) && event != EVENT_SECCOMP {
            self.leaving.remove(&thread);
            request(libc::PTRACE_DETACH as libc::c_uint, thread, deliver)
        } else if is_group_stop {
            request(LISTEN, thread, 0)
        } else {
            request(libc::PTRACE_CONT as libc::c_uint, thread, deliver)
        };
    }
}

/// What is known of the call at which a thread has stopped (`struct ptrace_syscall_info`).
#[repr(C)]
#[derive(Default)]
struct CallInfo {
    operation: u32,
    audit: u32,
    instruction: u64,
    stack: u64,
    number: u64,
    arguments: [u64; 6],
    data: u64,
}

fn stopped_call(thread: i32) -> Option<Caught> {
    let mut information = CallInfo::default();
    // SAFETY: the kernel writes at most the size that is passed.
    let size = unsafe {
        let size = std::mem::size_of::<CallInfo>();
        libc::ptrace(GET_SYSCALL_INFO as _, thread, size, std::ptr::addr_of_mut!(information))
    };
    if size <= 0 {
        return None;
    }
    let (call, architecture) = calls::decode(information.audit, information.number as u32)?;
    Some(Caught {
        call,
        thread,
        pointer: architecture.pointer,
        number: information.number as i32 & !(architecture.mask as i32),
        arguments: information.arguments,
    })
}

impl Service {
    /// Serves all threads that have stopped or ended.
    pub fn serve_stops(&mut self) {
        if self.tracer.stops.is_none() {
            return;
        }
        loop {
            let mut status = 0;
            // SAFETY: waits for tracees and children, the status is written to a live variable.
            let thread = unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG | libc::__WALL) };
            if thread == 0 {
                return;
            }
            if thread < 0 {
                // Nobody is left, unless calls come by notification: then the listener tells.
                let error = io::Error::last_os_error();
                self.hung_up |= self.listener.is_none() && error.raw_os_error() == Some(libc::ECHILD);
                return;
            }
            if libc::WIFSTOPPED(status) {
                self.serve_stop(thread, libc::WSTOPSIG(status), status >> 16);
            } else {
                let outcome = Outcome::from_wait_status(status);
                self.guarded(|service| service.tracer.process_ended(thread, Some(outcome)));
            }
        }
    }

    fn serve_stop(&mut self, thread: i32, signal: i32, event: i32) {
        if event == EVENT_SECCOMP && !self.detached {
            self.guarded(|service| {
                if let Some(caught) = stopped_call(thread) {
                    service.tracer.caught(&caught);
                }
            });
        }
        if let Some(stops) = &mut self.tracer.stops {
            stops.resume(thread, event, signal);
        }
    }
}
