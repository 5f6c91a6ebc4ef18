//! A path's state when the report is closed, however long the path.

use crate::identity::Identity;
use crate::sys::{self, Errno};
use std::os::fd::{AsRawFd, OwnedFd};

/// The identity of the regular file at an absolute path, `None` if there is none.
pub fn identity_at(path: &[u8]) -> Option<Identity> {
    let status = match sys::stat_at(libc::AT_FDCWD, path, libc::AT_SYMLINK_NOFOLLOW) {
        Err(Errno(libc::ENAMETOOLONG)) => stat_deep(path),
        other => other,
    };
    status.ok().filter(|status| status.is_file()).map(|status| status.identity)
}

/// Walks in pieces that the kernel accepts (4,095 bytes at a time).
fn stat_deep(path: &[u8]) -> sys::Result<crate::Status> {
    const PIECE: usize = 4000;
    let mut here: Option<OwnedFd> = None;
    let mut rest = path;
    while rest.len() > PIECE {
        let end = rest[..PIECE].iter().rposition(|&byte| byte == b'/').ok_or(Errno(libc::ENAMETOOLONG))?;
        let start = here.as_ref().map_or(libc::AT_FDCWD, |here| here.as_raw_fd());
        let piece = if end == 0 { &b"/"[..] } else { &rest[..end] };
        here = Some(sys::open_at(start, piece, libc::O_PATH | libc::O_DIRECTORY)?);
        rest = &rest[end + 1..];
    }
    let start = here.as_ref().map_or(libc::AT_FDCWD, |here| here.as_raw_fd());
    sys::stat_at(start, rest, libc::AT_SYMLINK_NOFOLLOW)
}
