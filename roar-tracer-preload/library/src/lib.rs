//! The library that is loaded into the job's programs: it takes note of what they open, name and run in a ring of
//! shared memory.
//!
//! Compiled twice. As a dependency of the tracer it gives the ring's layout and the planning of an exec. As the loaded
//! library (`--cfg interpose`, see the tracer's build.rs) it exports the functions that it stands before. It has no
//! dependency but the C library, allocates nothing, takes no lock, and never touches errno: its own system calls go
//! to the kernel directly.
#![no_std]
#![allow(clippy::missing_safety_doc)] // each function says what its pointers must be; C callers read no Rust docs

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
compile_error!("the preload tracer knows no other processors than x86_64 and aarch64");

#[cfg_attr(target_arch = "x86_64", path = "arch/x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "arch/aarch64.rs")]
pub mod arch;
pub mod entry;
pub mod hash;
pub mod marks;
pub mod plan;
pub mod program;
pub mod ring;
pub mod seen;
pub mod state;
pub mod sys;
pub mod text;

pub mod environment;
pub mod execute;

#[cfg(interpose)]
mod ask;
#[cfg(interpose)]
mod interpose;
#[cfg(interpose)]
mod naming;
#[cfg(interpose)]
mod next;
#[cfg(interpose)]
mod objects;
#[cfg(interpose)]
mod opening;
#[cfg(interpose)]
mod search;
#[cfg(interpose)]
mod start;
#[cfg(interpose)]
mod viewing;

#[cfg(interpose)]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // Nothing here panics; the compiler can't know.
    loop {
        core::hint::spin_loop();
    }
}
