//! roar-tracer-ebpf: observes what a command reads and writes through BPF programs on the kernel's tracepoints.
#![cfg_attr(not(test), no_main)]

mod availability;
mod backend;
mod budget;
mod directories;
mod events;
mod files;
mod held;
mod kernel;
mod kernel_types;
mod members;
mod named;
mod pace;
mod privileges;
mod programs;
mod source;

use roar_observe::program;

#[cfg_attr(not(test), no_mangle)]
#[cfg_attr(test, allow(dead_code))]
extern "C" fn main(count: libc::c_int, words: *const *const libc::c_char) -> libc::c_int {
    // SAFETY: these are the arguments of the C `main`.
    unsafe { program::main(count, words, &mut backend::Ebpf) }
}
