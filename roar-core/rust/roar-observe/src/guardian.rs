//! A process that outlives the tracer: when the last holder of a listener goes, every caught call of the job fails
//! for ever. The guardian then lets all calls go on, unobserved.
//!
//! It also steps in while the tracer hangs: one that asks a file server about a name, where that server is part of
//! the job and waits for the tracer itself (FUSE), would wait for ever.

use crate::listener::Listener;
use roar_launch::spawn::{self, Side};
use roar_launch::{descriptors, wait};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};

/// How long the tracer may work on one call before others are let go on.
const PATIENCE_MS: u64 = 3000;

/// What tracer and guardian share.
struct Shared {
    /// The call that the tracer is working on, or 0.
    id: AtomicU64,
    /// Calls that the guardian has let go on unobserved.
    lost: AtomicU64,
    /// Whether the front knows of the job. Until then a dead tracer has started nothing: another one may be tried.
    known: AtomicU64,
}

/// The call that the tracer is working on, in memory shared with the guardian.
pub struct InFlight {
    shared: &'static Shared,
}

impl InFlight {
    pub fn new() -> io::Result<InFlight> {
        let (protection, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        // SAFETY: a fresh anonymous mapping, zeroed, aligned to a page, never unmapped.
        unsafe {
            let page = libc::mmap(std::ptr::null_mut(), 4096, protection, flags, -1, 0);
            if page == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            Ok(InFlight { shared: &*page.cast::<Shared>() })
        }
    }

    pub fn begin(&self, id: u64) {
        self.shared.id.store(id, Ordering::Release);
    }

    pub fn finish(&self) {
        self.shared.id.store(0, Ordering::Release);
    }

    /// From here on the job is to outlive the tracer.
    pub fn job_is_known(&self) {
        self.shared.known.store(1, Ordering::Release);
    }

    pub fn is_job_known(&self) -> bool {
        self.shared.known.load(Ordering::Acquire) != 0
    }

    /// How many calls have been let go on unobserved since this was last asked.
    pub fn take_lost(&self) -> u64 {
        self.shared.lost.swap(0, Ordering::AcqRel)
    }
}

/// The guardian's process. It ends with this value, or with the last call if this process dies before.
pub struct Guardian {
    process: i32,
    /// Its other end hangs up when this process has ended.
    socket: OwnedFd,
}

impl Guardian {
    /// Forks it; `None` if it could not be made. It has nothing to do until it is given a listener.
    pub fn fork(in_flight: &InFlight) -> Option<Guardian> {
        let (socket, tracer) = descriptors::socket_pair().ok()?;
        // SAFETY: this program has one thread.
        match unsafe { spawn::fork(false) }.ok()? {
            Side::Parent(process) => Some(Guardian { process, socket }),
            Side::Child => {
                become_invisible(tracer.as_raw_fd());
                let message = spawn::receive(&tracer, 1, 0).ok();
                if let Some(listener) = message.and_then(|message| message.descriptors.into_iter().next()) {
                    guard(&Listener::new(listener), &tracer, in_flight.shared);
                }
                // SAFETY: ends this process without running exit handlers that belong to the tracer.
                unsafe { libc::_exit(0) }
            }
        }
    }

    /// Has it guard this listener: once that is sent, no end of this process keeps it from the guardian.
    pub fn entrust(self, listener: &Listener) -> Option<Guardian> {
        spawn::send(self.socket.as_raw_fd(), b"L", Some(listener.raw())).ok()?;
        Some(self)
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        // Then the listener goes as well, and this process: what the guardian is for.
        if std::thread::panicking() {
            return;
        }
        // SAFETY: a child of ours that has not been reaped.
        unsafe {
            libc::kill(self.process, libc::SIGKILL);
            libc::waitpid(self.process, std::ptr::null_mut(), 0);
        }
    }
}

/// Waits for the tracer's end, and lets calls go on then, and whenever the tracer hangs.
fn guard(listener: &Listener, tracer: &OwnedFd, shared: &Shared) {
    let mut ended = [wait::readable(tracer.as_raw_fd())];
    let mut last = 0;
    loop {
        wait::poll(&mut ended, Some(PATIENCE_MS));
        if ended[0].revents != 0 {
            break;
        }
        let id = shared.id.load(Ordering::Acquire);
        if id != 0 && id == last {
            stand_in(listener, shared, id, &mut ended);
        }
        last = id;
    }
    let id = shared.id.load(Ordering::Acquire);
    if id != 0 {
        listener.proceed(id);
    }
    if shared.known.load(Ordering::Acquire) != 0 {
        pass_everything(listener);
    }
}

/// Its own session, no signals, nothing open but what it needs.
fn become_invisible(tracer: RawFd) {
    let tracer = tracer as libc::c_uint;
    // SAFETY: plain system calls; all other descriptors of this process are unused from here on.
    unsafe {
        libc::setsid();
        libc::prctl(libc::PR_SET_NAME, c"roar-guardian".as_ptr());
        let mut all = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::sigprocmask(libc::SIG_BLOCK, &all, std::ptr::null_mut());
        if tracer > 0 {
            libc::syscall(libc::SYS_close_range, 0, tracer - 1, 0);
        }
        libc::syscall(libc::SYS_close_range, tracer + 1, libc::c_uint::MAX, 0);
        let _ = libc::chdir(c"/".as_ptr());
    }
}

/// Lets calls go on as long as the tracer hangs in one.
fn stand_in(listener: &Listener, shared: &Shared, id: u64, ended: &mut [libc::pollfd]) {
    const STEP_MS: u64 = 20;
    while shared.id.load(Ordering::Acquire) == id && ended[0].revents == 0 {
        let mut ready = [ended[0], wait::readable(listener.raw())];
        wait::poll(&mut ready, Some(STEP_MS));
        ended[0] = ready[0];
        if ready[1].revents & libc::POLLIN != 0 {
            if let Ok(notification) = listener.receive() {
                listener.proceed(notification.id);
                shared.lost.fetch_add(1, Ordering::AcqRel);
            }
        } else if ready[1].revents != 0 {
            return;
        }
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
