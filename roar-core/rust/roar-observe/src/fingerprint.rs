//! Telling program images apart by what the kernel gives each.

/// What tells one program image from the next: where its random bytes lie, and the bytes. A fork has its
/// parent's, an exec makes new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    pub(crate) address: u64,
    pub(crate) random: [u8; 16],
}

impl Fingerprint {
    pub fn new(address: u64, random: [u8; 16]) -> Fingerprint {
        Fingerprint { address, random }
    }
}
