//! Which way of catching calls this machine allows.

use crate::procfs;
use roar_launch::arguments::Mode;

const CAP_SYS_PTRACE: u64 = 1 << 19;

/// Yama's setting: 0 everything of one's own, 1 descendants, 2 with CAP_SYS_PTRACE, 3 nothing.
pub fn ptrace_scope() -> u32 {
    let text = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

/// Whether this process may look into any other.
pub fn may_look_at_all() -> bool {
    let capabilities =
        procfs::status(std::process::id() as i32).map_or(0, |status| status.credentials.capabilities);
    capabilities & CAP_SYS_PTRACE != 0
}

/// Whether only a tracer may look into the job's processes.
pub fn needs_attaching() -> bool {
    ptrace_scope() > 0 && !may_look_at_all()
}

/// What to try, in this order.
pub fn candidates(wanted: Mode) -> Vec<Mode> {
    match wanted {
        Mode::Auto if needs_attaching() => vec![Mode::Attach, Mode::Trace],
        Mode::Auto => vec![Mode::Notify, Mode::Trace],
        mode => vec![mode],
    }
}
