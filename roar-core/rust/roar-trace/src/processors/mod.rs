//! The processors that threads may run on.

#[cfg(not(target_os = "macos"))]
#[path = "linux.rs"]
mod placing;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod placing;

pub use placing::{current, leave};

/// How many processors this thread may run on.
pub fn count() -> usize {
    // SAFETY: a plain question to the C library.
    let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    usize::try_from(count).unwrap_or(1).max(1)
}
