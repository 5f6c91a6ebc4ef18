//! Two files in a folder of the tracer's own: macOS has no files that are found without a name.

use super::{make_ring, without_limit};
use crate::folder::Folder;
use roar_preload::ring::{Ring, MAGIC};
use std::io::{self, Write};

/// Empty where the program was built without Apple's linker.
pub const LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/libroar_preload.dylib"));
/// The files' names in the folder, which are numbers (`roar_preload::environment::TRACER`).
pub const LIBRARY_NUMBER: u64 = 1;
pub const RING_NUMBER: u64 = 2;

/// Puts the library where the loader is to find it.
pub fn library(folder: &Folder) -> io::Result<()> {
    let mut file = folder.create_file(LIBRARY_NUMBER)?;
    without_limit(|| file.write_all(LIBRARY))
}

/// A ring for at least so many bytes of events.
pub fn ring(folder: &Folder, bytes: u64) -> io::Result<Ring> {
    make_ring(&folder.create_file(RING_NUMBER)?, bytes)
}

pub(super) fn random_key() -> u64 {
    let mut key = MAGIC ^ u64::from(std::process::id());
    // SAFETY: the kernel writes the length given. Without its help the key is merely easier to guess.
    unsafe { libc::getentropy(std::ptr::addr_of_mut!(key).cast(), 8) };
    key
}
