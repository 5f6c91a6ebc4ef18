//! roar-tracer-preload: observes what a command reads and writes from inside its programs.
#![cfg_attr(not(test), no_main)]

mod backend;
mod decode;
mod events;
mod filtered;
mod images;
mod life;
mod links;
mod memory;
mod names;
mod pace;
mod places;
mod reader;
mod source;

use roar_observe::program;

#[cfg_attr(not(test), no_mangle)]
#[cfg_attr(test, allow(dead_code))]
extern "C" fn main(count: libc::c_int, words: *const *const libc::c_char) -> libc::c_int {
    // SAFETY: these are the arguments of the C `main`.
    unsafe {
        filtered::run_if_asked(count, words);
        program::main(count, words, &mut backend::Preload)
    }
}
