//! The signal state that the job must find as the tracer found it.

#[cfg(not(target_os = "macos"))]
#[path = "linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod system;

use std::mem::MaybeUninit;
pub use system::*;

/// Signals that the tracer ignores while it shares the job's process group.
const IGNORED: [i32; 4] = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU, libc::SIGPIPE];
/// Signals whose disposition is changed.
const CHANGED: [i32; 5] = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU, libc::SIGPIPE, libc::SIGCHLD];
/// Signals that end a program and that the tracer takes note of instead.
pub const WITNESSED: [i32; 6] =
    [libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGHUP, libc::SIGUSR1, libc::SIGUSR2];

/// Mask and dispositions as they were when this process started.
#[derive(Clone, Copy)]
pub struct SignalState {
    mask: libc::sigset_t,
    changed: [libc::sigaction; CHANGED.len()],
}

impl SignalState {
    pub fn current() -> SignalState {
        // SAFETY: the calls fill what they are given; zeroed memory is valid for both types.
        unsafe {
            let mut state: SignalState = MaybeUninit::zeroed().assume_init();
            libc::sigprocmask(libc::SIG_BLOCK, std::ptr::null(), &mut state.mask);
            for (signal, action) in CHANGED.iter().zip(&mut state.changed) {
                libc::sigaction(*signal, std::ptr::null(), action);
            }
            state
        }
    }

    /// Puts everything back. Async-signal-safe: runs between fork and exec.
    pub fn restore(&self) {
        // SAFETY: the structures were filled by the kernel.
        unsafe {
            for (signal, action) in CHANGED.iter().zip(&self.changed) {
                libc::sigaction(*signal, action, std::ptr::null_mut());
            }
            restore_internal();
            libc::sigprocmask(libc::SIG_SETMASK, &self.mask, std::ptr::null_mut());
        }
    }
}

/// Makes sure that children can be waited for, whatever was inherited.
pub fn keep_children() {
    // SAFETY: SIG_DFL is a valid disposition.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// Ignores what would stop the tracer or end it for a pipe's sake.
pub fn ignore_stops() {
    for signal in IGNORED {
        // SAFETY: SIG_IGN is a valid disposition for these signals.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}
