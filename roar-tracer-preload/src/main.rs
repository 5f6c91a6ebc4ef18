//! roar-tracer-preload: observes what a command reads and writes from inside its programs.
//!
//! Written for Linux; the files in `macos/` take the place of what Linux alone has.
#![cfg_attr(not(test), no_main)]

mod decode;
mod entering;
mod events;
#[cfg(not(target_os = "macos"))]
mod filtered;
#[cfg(any(target_os = "macos", test))]
#[path = "macos/folder.rs"]
#[cfg_attr(not(target_os = "macos"), allow(dead_code))] // tested everywhere
mod folder;
mod images;
mod intake;
#[cfg(not(target_os = "macos"))]
mod life;
mod memory;
mod names;
#[cfg(target_os = "macos")]
#[path = "macos/outer.rs"]
mod outer;
mod places;
mod reader;

#[cfg_attr(target_os = "macos", path = "macos/backend.rs")]
mod backend;
#[cfg_attr(target_os = "macos", path = "macos/links.rs")]
mod links;
#[cfg_attr(target_os = "macos", path = "macos/pace.rs")]
mod pace;
#[cfg_attr(target_os = "macos", path = "macos/running.rs")]
mod running;
#[cfg_attr(target_os = "macos", path = "macos/source.rs")]
mod source;
#[cfg_attr(target_os = "macos", path = "macos/unseen.rs")]
mod unseen;
#[cfg(all(test, not(target_os = "macos")))]
#[path = "macos/unseen.rs"]
mod unseen_on_macos;

use roar_observe::program;

#[cfg_attr(not(test), no_mangle)]
#[cfg_attr(test, allow(dead_code))]
extern "C" fn main(count: libc::c_int, words: *const *const libc::c_char) -> libc::c_int {
    // SAFETY: these are the arguments of the C `main`.
    unsafe {
        #[cfg(not(target_os = "macos"))]
        filtered::run_if_asked(count, words);
        program::main(count, words, &mut backend::Preload)
    }
}
