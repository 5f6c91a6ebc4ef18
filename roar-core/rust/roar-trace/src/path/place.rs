//! The parts of a resolved path.

use super::directories::DirectoryId;
use crate::identity::Status;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::rc::Rc;

/// A directory held open, so that what is asked of it later is asked of the same one.
#[derive(Debug)]
pub struct OpenDirectory {
    pub descriptor: OwnedFd,
    pub id: DirectoryId,
    pub status: Status,
    /// proc, sys and their like: nothing below is a file in the report's sense.
    pub pseudo: bool,
    /// Our own mount namespace knows this directory under another name, or not at all.
    pub foreign: bool,
}

impl OpenDirectory {
    pub fn raw(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }
}

/// The root directory of a caller that has been moved away from ours (chroot, mount namespace).
#[derive(Clone, Debug)]
pub struct Root {
    pub directory: Rc<OpenDirectory>,
    pub foreign: bool,
}

/// Who asks: what `/proc/self`, an absolute path and a cached answer mean depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub process: i32,
    pub thread: i32,
    /// `None`: the same root as ours.
    pub root: Option<&'a Root>,
    /// Answers may be shared with other callers (same root, namespace and credentials as ours).
    pub shared: bool,
}

/// A name in a directory.
#[derive(Clone, Debug)]
pub struct Place {
    pub directory: Rc<OpenDirectory>,
    pub name: Vec<u8>,
    /// The absolute spelling that led here, where it is unlike the canonical path.
    pub spelled: Option<Vec<u8>>,
}

impl Place {
    /// The place as a recording knows it.
    pub fn at(&self) -> crate::fold::At<'_> {
        crate::fold::At { directory: self.directory.id, name: &self.name, spelled: self.spelled.as_deref() }
    }
}

/// What a path leads to at this moment.
#[derive(Clone, Debug)]
pub enum Target {
    /// The directory is there, the name is not.
    Missing(Place),
    Found(Place, Status),
    /// A file without a name: deleted, O_TMPFILE, memfd.
    Unnamed(Status),
    /// The call fails, or the path can only be a directory.
    Nothing,
}
