//! The process that becomes the command. It is the front's child from the beginning: it leaves the tracer behind, a process
//! that is nobody's child, and waits until that is ready to observe it.
//!
//! The tracer sends its process id; the process finds what it is observed through, and says so by [`READY`]; the tracer sends
//! [`GO`]. An exec that has failed sends its error number, one that has succeeded hangs up.

use crate::backend::Backend;
use roar_launch::command::Command;
use roar_launch::signals::SignalState;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, Ordering};

pub const READY: u8 = b'R';
pub const GO: u8 = b'G';
const NOT_STARTED: i32 = 125;

/// fork(2).
pub fn fork() -> io::Result<i32> {
    // SAFETY: this program has one thread.
    match unsafe { libc::fork() } {
        process if process < 0 => Err(io::Error::last_os_error()),
        process => Ok(process),
    }
}

/// Forks a process that is nobody's child (but launchd's): true in that one. A command must have no child that it has not
/// made: it may wait for all it has.
pub fn leave_behind() -> io::Result<bool> {
    let between = fork()?;
    if between == 0 {
        match fork() {
            Ok(0) => return Ok(true),
            // SAFETY: ends this process without running the exit handlers of the other one.
            Ok(_) => unsafe { libc::_exit(0) },
            // SAFETY: as above.
            Err(_) => unsafe { libc::_exit(NOT_STARTED) },
        }
    }
    let mut status = 0;
    // SAFETY: waits for a child of ours, the status is written to a live variable.
    let waited = unsafe { libc::waitpid(between, &mut status, 0) };
    if waited != between || status != 0 {
        return Err(io::Error::from(io::ErrorKind::OutOfMemory));
    }
    Ok(false)
}

/// Whether the front knows of the job, in memory that both processes share.
#[derive(Clone, Copy)]
pub struct Known(&'static AtomicU32);

impl Known {
    pub fn new() -> io::Result<Known> {
        const SIZE: usize = size_of::<AtomicU32>();
        let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANON);
        // SAFETY: a fresh anonymous mapping, zeroed, aligned to a page, never unmapped.
        unsafe {
            let page = libc::mmap(std::ptr::null_mut(), SIZE, access, flags, -1, 0);
            if page == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            Ok(Known(&*page.cast::<AtomicU32>()))
        }
    }

    /// From here on the job is to outlive the tracer.
    pub fn set(&self) {
        self.0.store(1, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }
}

/// Waits for the tracer and becomes the command. One whose tracer dies before it has told the front of it ends.
pub fn become_command(
    mut tracer: UnixStream,
    command: Command,
    signals: &SignalState,
    known: Known,
    backend: &mut dyn Backend,
) -> ! {
    let errno = match wait_for_tracer(&mut tracer, backend) {
        Ok(()) => {
            signals.restore();
            backend.become_command(command)
        }
        // It runs unobserved.
        Err(_) if known.is_set() => {
            signals.restore();
            command.exec()
        }
        // SAFETY: ends this process, of which the front has not heard.
        Err(_) => unsafe { libc::_exit(NOT_STARTED) },
    };
    let _ = tracer.write_all(&errno.to_ne_bytes());
    // That it never ran must be known before that it has ended: the tracer hangs up when it has read it.
    let _ = tracer.read(&mut [0]);
    // SAFETY: ends this process, which has nothing of its own left to do.
    unsafe { libc::_exit(exit_code(errno)) }
}

/// With what a command ends whose exec has failed.
pub fn exit_code(errno: i32) -> i32 {
    if errno == libc::ENOENT {
        127
    } else {
        126
    }
}

fn wait_for_tracer(tracer: &mut UnixStream, backend: &mut dyn Backend) -> io::Result<()> {
    let mut process = [0u8; 4];
    tracer.read_exact(&mut process)?;
    if !backend.connect(i32::from_ne_bytes(process)) {
        return Err(io::Error::from(io::ErrorKind::NotFound));
    }
    tracer.write_all(&[READY])?;
    let mut order = [0u8; 1];
    tracer.read_exact(&mut order)
}

/// In the tracer: waits until the process has found what it is observed through.
pub fn wait_until_ready(command: &mut UnixStream) -> io::Result<()> {
    command.write_all(&std::process::id().to_ne_bytes())?;
    let mut answer = [0u8; 1];
    command.read_exact(&mut answer)?;
    if answer != [READY] {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    Ok(())
}

/// In the tracer: lets the process become the command. One that has died is noticed by its death.
pub fn let_go(command: &mut UnixStream) {
    let _ = command.write_all(&[GO]);
}

/// In the tracer: why the exec failed; `None` if it succeeded. Call when there is something to be read.
pub fn exec_error(command: &mut UnixStream) -> Option<i32> {
    let mut errno = [0u8; 4];
    command.read_exact(&mut errno).ok()?;
    Some(i32::from_ne_bytes(errno))
}
