//! What an exec will run: the program, its interpreters, its loader.

use crate::program::{self, Class, MOST_NEXT};
use crate::sys::{self, Status};
use crate::text;
use core::ffi::c_char;

/// The program, the kernel's five interpreters of interpreters, the loader.
pub const MOST_FILES: usize = 7;
const FLAGS: i32 = sys::O_RDONLY | sys::O_CLOEXEC | sys::O_NOCTTY | sys::O_NONBLOCK;

/// How the new program will be observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The library is loaded into it.
    Library,
    /// It runs with other rights than its caller: nothing is done to it.
    OtherIdentity,
    /// By a filter, if one can be had.
    Filter,
    /// No program by itself: the kernel refuses it, or something else is registered to run it (binfmt_misc).
    Unknown,
    /// The kernel will refuse it.
    Refused,
}

pub struct Plan {
    pub way: Way,
    pub files: usize,
    statuses: [Status; MOST_FILES],
    /// Names of all files but the first.
    names: [[u8; MOST_NEXT]; MOST_FILES],
}

impl Plan {
    /// Looks at the file that `path` leads to.
    ///
    /// # Safety
    /// `path` is null or NUL-terminated.
    pub unsafe fn new(path: *const c_char) -> Plan {
        let mut plan = Plan {
            way: Way::Refused,
            files: 0,
            statuses: [Status::default(); MOST_FILES],
            names: [[0; MOST_NEXT]; MOST_FILES],
        };
        let mut changes = false;
        let mut next = path;
        while plan.files + 1 < MOST_FILES {
            // SAFETY: the caller answers for the first path; the others end in a NUL.
            let class = match unsafe { plan.look(next) } {
                Some(class) => class,
                None => break,
            };
            let at = plan.files - 1;
            changes |= plan.statuses.get(at).is_some_and(program::changes_identity);
            match class {
                Class::Script => {}
                Class::Unknown => {
                    plan.way = Way::Unknown;
                    break;
                }
                Class::Opaque | Class::Loadable => {
                    plan.way = match class {
                        _ if changes => Way::OtherIdentity,
                        Class::Loadable => Way::Library,
                        _ => Way::Filter,
                    };
                    plan.add_loader();
                    break;
                }
            }
            next = plan.names.get(plan.files).map_or(core::ptr::null(), |name| name.as_ptr().cast());
        }
        plan
    }

    /// Takes in one file; what runs it is put into the next name.
    unsafe fn look(&mut self, path: *const c_char) -> Option<Class> {
        // SAFETY: as the caller promises.
        let opened = unsafe { sys::open_at(sys::AT_FDCWD, path, FLAGS) };
        let (status, format) = match opened {
            Ok(descriptor) => {
                let status = sys::stat_descriptor(descriptor, false);
                // SAFETY: the kernel has accepted the path.
                let name = unsafe { text::path(path) };
                let format =
                    status.is_ok_and(|status| status.is_file()).then(|| program::format_of(descriptor, name));
                sys::close(descriptor);
                (status.ok()?, format)
            }
            // To be run but not to be read: most likely like all others.
            // SAFETY: as above.
            Err(sys::EACCES) => (unsafe { sys::stat_at(sys::AT_FDCWD, path, 0) }.ok()?, None),
            Err(_) => return None,
        };
        if !status.is_file() || status.mode & 0o111 == 0 {
            return None;
        }
        *self.statuses.get_mut(self.files)? = status;
        self.files += 1;
        let Some(format) = format else { return Some(Class::Loadable) };
        if let Some(name) = self.names.get_mut(self.files) {
            *name = format.next;
        }
        Some(format.class)
    }

    /// The loader is read as well, if there is one.
    fn add_loader(&mut self) {
        let Some(name) = self.names.get(self.files) else { return };
        if name[0] == 0 {
            return;
        }
        // SAFETY: the name ends in a NUL.
        if let Ok(status) = unsafe { sys::stat_at(sys::AT_FDCWD, name.as_ptr().cast(), 0) } {
            if let Some(kept) = self.statuses.get_mut(self.files) {
                *kept = status;
                self.files += 1;
            }
        }
    }

    pub fn statuses(&self) -> &[Status] {
        self.statuses.get(..self.files).unwrap_or(&[])
    }

    /// The name of a file but the first.
    pub fn name(&self, index: usize) -> &[u8] {
        let name = self.names.get(index).map_or(&[][..], |name| &name[..]);
        name.split(|&byte| byte == 0).next().unwrap_or(&[])
    }
}
