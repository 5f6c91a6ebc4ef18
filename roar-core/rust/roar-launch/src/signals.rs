//! The signal state that the job must find as the tracer found it.

use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, OwnedFd};

/// Signals that the tracer ignores while it shares the job's process group.
const IGNORED: [i32; 4] = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU, libc::SIGPIPE];
/// Signals whose disposition is changed.
const CHANGED: [i32; 5] = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU, libc::SIGPIPE, libc::SIGCHLD];
/// Signals that end a program and that the tracer takes note of instead.
pub const WITNESSED: [i32; 6] =
    [libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGHUP, libc::SIGUSR1, libc::SIGUSR2];

/// SIGCANCEL and SIGSETXID of glibc.
const INTERNAL: [libc::c_long; 2] = [32, 33];
/// The size of the kernel's own signal set.
const SIGSET_BYTES: usize = 8;

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
            // glibc's posix_spawn leaves its two internal signals ignored in the child, where no libc call can undo it.
            let default = [0usize; 4];
            for signal in INTERNAL {
                libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), 0usize, SIGSET_BYTES);
            }
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

/// Blocks `signals` and gives a non-blocking descriptor from which they are read.
pub fn descriptor_for(signals: &[i32]) -> std::io::Result<OwnedFd> {
    // SAFETY: the set is initialised before use; the descriptor is new and ours alone.
    unsafe {
        let mut set = MaybeUninit::zeroed().assume_init();
        libc::sigemptyset(&mut set);
        for &signal in signals {
            libc::sigaddset(&mut set, signal);
        }
        libc::sigprocmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
        let descriptor = libc::signalfd(-1, &set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK);
        if descriptor < 0 {
            return Err(std::io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(descriptor))
    }
}

/// The next signal waiting in a signal descriptor.
pub fn next(descriptor: &OwnedFd) -> Option<libc::signalfd_siginfo> {
    use std::os::fd::AsRawFd;
    let mut information = MaybeUninit::<libc::signalfd_siginfo>::uninit();
    let size = std::mem::size_of::<libc::signalfd_siginfo>();
    // SAFETY: the buffer has the size that is passed.
    let count = unsafe { libc::read(descriptor.as_raw_fd(), information.as_mut_ptr().cast(), size) };
    // SAFETY: a full structure was read.
    (count == size as isize).then(|| unsafe { information.assume_init() })
}
