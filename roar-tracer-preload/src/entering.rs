//! Becoming the command, with the library in it.

use roar_launch::command::Command;
use roar_preload::execute::{self, Program};
use roar_preload::state::STATE;
use std::sync::atomic::Ordering;

/// Becomes the command, after the ring was opened here; returns the error number that says why it could not.
pub fn become_command(command: Command) -> i32 {
    // SAFETY: a plain system call.
    let process = unsafe { libc::getpid() };
    STATE.process.store(process as u32, Ordering::Relaxed);
    STATE.clock.store(libc::clock_gettime as *const () as usize, Ordering::Relaxed);
    command.exec_by(|path, arguments, environment| {
        let program =
            Program { path: path.cast(), arguments: arguments.cast(), environment: environment.cast() };
        // SAFETY: `exec_by` passes what execve(2) takes.
        unsafe {
            execute::run(
                program,
                |program| {
                    libc::execve(program.path.cast(), program.arguments.cast(), program.environment.cast())
                },
                |_| None,
                process,
            );
        }
    })
}
