//! Calls that touch files, or our view of them, in rarer ways.

use super::Caught;
use crate::caller::Caller;
use crate::memory;
use crate::tracer::Tracer;
use roar_trace::path::Target;
use roar_trace::sys;

const NEW_LISTENER: u64 = 1 << 3;
const RETURN: u16 = 0x06;

impl Tracer {
    /// A shared writable mapping of a file.
    pub fn map_shared(&mut self, caller: &Caller, descriptor: i32) {
        let link = format!("/proc/{}/fd/{descriptor}", caller.thread);
        let Ok(file) = sys::open_at(libc::AT_FDCWD, link.as_bytes(), libc::O_PATH) else { return };
        let kind = sys::filesystem_type(std::os::fd::AsRawFd::as_raw_fd(&file));
        if !kind.is_ok_and(sys::is_memory_backed) {
            return;
        }
        if let Target::Found(place, status) = self.descriptor_target(caller, descriptor) {
            if self.is_recorded(caller, &place) {
                let actor = self.actor(caller);
                self.jobs[caller.job].recording.mapped_writable(&place.at(), status.identity, &actor);
            }
        }
    }

    pub fn io_uring(&mut self, caller: &Caller) {
        let detail = "what is asked for through an io_uring passes no system call";
        self.jobs[caller.job].recording.add_gap("io_uring", Some(caller.line), detail);
    }

    /// seccomp(SECCOMP_SET_MODE_FILTER): a filter that hands calls to a tracer of the job's own is shadowed by ours.
    pub fn filters_itself(&mut self, caller: &Caller, mode: u32, flags: u64, caught: &Caught) {
        const SET_MODE_FILTER: u32 = 1;
        if mode != SET_MODE_FILTER {
            return;
        }
        let name = self.program_of(caller);
        if flags & NEW_LISTENER != 0 {
            self.jobs[caller.job].control.warning(&format!(
                "`{name}` filters system calls through a listener of its own, which the kernel grants only once: \
                 use tracer.ptrace_mode = trace"
            ));
        } else if self.hands_to_tracer(caller, caught) {
            self.jobs[caller.job].control.warning(&format!(
                "`{name}` traces through a seccomp filter, which does not see the calls that roar catches"
            ));
            let detail = format!("`{name}` traces through a seccomp filter of its own");
            self.jobs[caller.job].recording.add_gap("traced_by_other", Some(caller.line), detail);
        }
    }

    /// Whether a filter program returns SECCOMP_RET_TRACE anywhere.
    fn hands_to_tracer(&self, caller: &Caller, caught: &Caught) -> bool {
        let mut head = [0u8; 16];
        let size = 2 * caught.pointer;
        if !memory::read_exact(caller.thread, caught.arguments[2], &mut head[..size]) {
            return false;
        }
        let count = usize::from(u16::from_le_bytes([head[0], head[1]]));
        let mut address = [0u8; 8];
        address[..caught.pointer].copy_from_slice(&head[caught.pointer..size]);
        let mut program = vec![0u8; count * 8];
        memory::read_exact(caller.thread, u64::from_le_bytes(address), &mut program)
            && program.chunks_exact(8).any(|step| {
                let code = u16::from_le_bytes([step[0], step[1]]);
                let value = u32::from_le_bytes([step[4], step[5], step[6], step[7]]);
                code == RETURN && value & 0xffff_0000 == crate::filter::RET_TRACE
            })
    }

    /// The caller's program, for messages.
    pub fn program_of(&self, caller: &Caller) -> String {
        let line = self.jobs[caller.job].recording.processes.get((caller.line as usize).wrapping_sub(1));
        let path = line.map_or(&b"?"[..], |line| &line.executable);
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        String::from_utf8_lossy(name).into_owned()
    }
}
