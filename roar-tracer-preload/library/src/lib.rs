//! The library that is loaded into the job's programs: it takes note of what they open, name and run in a ring of
//! shared memory.
//!
//! It is for Linux; what is in `macos/` takes the place of what Linux alone has.
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
#[cfg_attr(target_os = "macos", allow(dead_code, unused_imports, unused_macros))]
// its calls are those of Linux
pub mod arch;
pub mod entry;
pub mod hash;
pub mod marks;
pub mod plan;
pub mod program;
pub mod protection;
pub mod ring;
pub mod seen;
pub mod state;
pub mod status;
#[cfg(not(target_os = "macos"))]
pub mod sys;
#[cfg(target_os = "macos")]
#[path = "macos/sys.rs"]
pub mod sys;
pub mod text;

pub mod environment;
pub mod execute;

#[cfg(interpose)]
mod ask;
#[cfg(interpose)]
#[cfg_attr(target_os = "macos", allow(dead_code))] // not all calls are stood before there
mod naming;
#[cfg(interpose)]
#[cfg_attr(target_os = "macos", allow(dead_code))] // as above
mod opening;
#[cfg(interpose)]
mod start;
#[cfg(interpose)]
#[cfg_attr(target_os = "macos", allow(dead_code))] // as above
mod viewing;

#[cfg(all(interpose, not(target_os = "macos")))]
mod hooks;
#[cfg(all(interpose, not(target_os = "macos")))]
mod interpose;
#[cfg(all(interpose, not(target_os = "macos")))]
mod next;
#[cfg(all(interpose, not(target_os = "macos")))]
mod objects;
#[cfg(all(interpose, not(target_os = "macos")))]
mod search;

#[cfg(all(interpose, target_os = "macos"))]
#[path = "macos/hooks.rs"]
mod hooks;
#[cfg(all(interpose, target_os = "macos"))]
#[path = "macos/interpose.rs"]
mod interpose;
#[cfg(all(interpose, target_os = "macos"))]
#[path = "macos/objects.rs"]
mod objects;

#[cfg(interpose)]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // Nothing here panics; the compiler can't know.
    loop {
        core::hint::spin_loop();
    }
}
