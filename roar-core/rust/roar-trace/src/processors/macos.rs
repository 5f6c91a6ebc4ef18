//! macOS neither says where a thread runs nor lets anybody choose.

/// The processor that this thread runs on, which is never known.
pub fn current() -> Option<usize> {
    None
}

/// Moves this thread away from a processor that is known, as none is.
pub fn leave(_: Option<usize>) {}
