//! A process that does nothing but outlive the tracer: when the last holder of a listener goes, every caught call of
//! the job fails for ever. The guardian then lets all calls go on, unobserved.

use crate::listener::Listener;
use crate::procfs;
use roar_launch::spawn::{self, Side};
use roar_launch::wait;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU64, Ordering};

/// The call that the tracer is working on, in memory shared with the guardian.
pub struct InFlight {
    id: &'static AtomicU64,
}

impl InFlight {
    pub fn new() -> std::io::Result<InFlight> {
        let (protection, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        // SAFETY: a fresh anonymous mapping, zeroed, aligned to a page, never unmapped.
        unsafe {
            let page = libc::mmap(std::ptr::null_mut(), 4096, protection, flags, -1, 0);
            if page == libc::MAP_FAILED {
                return Err(std::io::Error::last_os_error());
            }
            Ok(InFlight { id: &*page.cast::<AtomicU64>() })
        }
    }

    pub fn begin(&self, id: u64) {
        self.id.store(id, Ordering::Release);
    }

    pub fn finish(&self) {
        self.id.store(0, Ordering::Release);
    }
}

/// Forks the guardian; its process id, if it could be made.
pub fn start(listener: &Listener, in_flight: &InFlight) -> Option<i32> {
    let tracer = procfs::open_pidfd(std::process::id() as i32)?;
    // SAFETY: this program has one thread.
    match unsafe { spawn::fork(false) }.ok()? {
        Side::Parent(process) => Some(process),
        Side::Child => {
            become_invisible(listener.raw(), tracer.as_raw_fd());
            let mut ended = [wait::readable(tracer.as_raw_fd())];
            while ended[0].revents == 0 {
                wait::poll(&mut ended, None);
            }
            let id = in_flight.id.load(Ordering::Acquire);
            if id != 0 {
                listener.proceed(id);
            }
            pass_everything(listener);
            // SAFETY: ends this process without running exit handlers that belong to the tracer.
            unsafe { libc::_exit(0) }
        }
    }
}

/// Its own session, no signals, nothing open but what it needs.
fn become_invisible(listener: i32, tracer: i32) {
    let (low, high) = (listener.min(tracer) as libc::c_uint, listener.max(tracer) as libc::c_uint);
    // SAFETY: plain system calls; all other descriptors of this process are unused from here on.
    unsafe {
        libc::setsid();
        libc::prctl(libc::PR_SET_NAME, c"roar-guardian".as_ptr());
        for signal in 1..32 {
            libc::signal(signal, libc::SIG_IGN);
        }
        let close = |from: libc::c_uint, to: libc::c_uint| {
            if from <= to {
                libc::syscall(libc::SYS_close_range, from, to, 0);
            }
        };
        close(0, low.wrapping_sub(1).min(low));
        close(low + 1, high - 1);
        close(high + 1, libc::c_uint::MAX);
        let _ = libc::chdir(c"/".as_ptr());
    }
}

/// Lets every call go on until no filtered process is left.
pub fn pass_everything(listener: &Listener) {
    let mut ready = [wait::readable(listener.raw())];
    loop {
        wait::poll(&mut ready, None);
        if ready[0].revents & libc::POLLIN != 0 {
            if let Ok(notification) = listener.receive() {
                listener.proceed(notification.id);
            }
        } else if ready[0].revents & (libc::POLLHUP | libc::POLLERR | libc::POLLNVAL) != 0 {
            return;
        }
    }
}
