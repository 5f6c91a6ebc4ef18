//! Programs that macOS protects (SIP): `DYLD_INSERT_LIBRARIES` is taken out of their environment, so that nothing is loaded
//! into them.

const PROTECTED: [&[u8]; 4] = [b"/bin/", b"/sbin/", b"/usr/", b"/System/"];
const FREE: &[u8] = b"/usr/local/";

/// Whether the program at this path, which has no links, is protected. A copy of it elsewhere is not.
pub fn is_protected(path: &[u8]) -> bool {
    PROTECTED.iter().any(|folder| path.starts_with(folder)) && !path.starts_with(FREE)
}
