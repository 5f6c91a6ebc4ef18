//! Calls that change what names mean to a process.

use super::Caught;
use crate::caller::Caller;
use crate::tracer::Tracer;

const CLONE_NEWUSER: u64 = 0x1000_0000;
const CLONE_NEWNS: u64 = 0x0002_0000;
const CLONE_FS: u64 = 0x0000_0200;

impl Tracer {
    /// The call takes effect after it has been let go on: until the thread is heard of again, nothing that is
    /// known of its process is relied upon.
    pub fn unsettle(&mut self, caller: &Caller) {
        self.forget_names();
        self.unsettle_process(caller.process, caller.thread);
        if let Some(process) = self.tree.processes.get_mut(&caller.process) {
            process.changes_names = true;
        }
    }

    pub fn unsettle_process(&mut self, pid: i32, thread: i32) {
        if let Some(process) = self.tree.processes.get_mut(&pid) {
            process.directory = None;
            process.moved = true;
            if !process.unsettled.contains(&thread) {
                process.unsettled.push(thread);
            }
        }
    }

    /// setuid and its like.
    pub fn change_identity(&mut self, caller: &Caller) {
        if let Some(process) = self.tree.processes.get_mut(&caller.process) {
            process.view_changed = true;
        }
        self.unsettle_process(caller.process, caller.thread);
    }

    /// chroot, pivot_root, unshare, setns.
    pub fn change_view(&mut self, caller: &Caller, caught: &Caught) {
        let is_unshare = i64::from(caught.number) == UNSHARE[usize::from(caught.pointer == 4)];
        let divides = is_unshare && caught.arguments[0] & (CLONE_FS | CLONE_NEWNS | CLONE_NEWUSER) != 0;
        if let Some(process) = self.tree.processes.get_mut(&caller.process) {
            process.view_changed = true;
            // One thread alone goes its own way.
            process.divided |= divides && (!process.threads.is_empty() || caller.thread != process.pid);
        }
        self.unsettle(caller);
    }
}

/// The number of unshare, native and 32-bit.
#[cfg(target_arch = "x86_64")]
const UNSHARE: [i64; 2] = [272, 310];
#[cfg(target_arch = "aarch64")]
const UNSHARE: [i64; 2] = [97, 337];
