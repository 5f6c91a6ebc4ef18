//! Signals through a descriptor, and those of the C library's own.

use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, OwnedFd};

/// SIGCANCEL and SIGSETXID of glibc.
const INTERNAL: [libc::c_long; 2] = [32, 33];
/// The size of the kernel's own signal set.
const SIGSET_BYTES: usize = 8;

/// glibc's posix_spawn leaves its two internal signals ignored in the child, where no libc call can undo it.
pub(super) fn restore_internal() {
    let default = [0usize; 4];
    for signal in INTERNAL {
        // SAFETY: a plain system call; the action is a zeroed `struct sigaction` of the kernel's.
        unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), 0usize, SIGSET_BYTES) };
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
