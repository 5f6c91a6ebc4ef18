//! The thread that waits for us, and how names look to it.

use crate::credentials::Credentials;
use crate::tree::{JobId, View};
use roar_trace::identity::Status;
use roar_trace::path::place::{OpenDirectory, Origin};
use roar_trace::sys;

pub struct Caller {
    pub thread: i32,
    pub process: i32,
    pub job: JobId,
    /// The id of its image's line in the report.
    pub line: u32,
    pub view: View,
    /// Permissions bind it otherwise than us.
    pub other_credentials: bool,
}

impl Caller {
    pub fn origin(&self) -> Origin<'_> {
        Origin {
            process: self.process,
            thread: self.thread,
            root: self.view.root.as_ref(),
            shared: self.view.root.is_none() && !self.other_credentials,
        }
    }

    fn is_powerful(&self) -> bool {
        self.view.credentials.as_ref().is_some_and(|credentials| credentials.is_powerful())
    }

    /// Whether it may read the file.
    pub fn may_read(&self, directory: &OpenDirectory, name: &[u8], status: &Status) -> bool {
        // World-readable by every class needs no question to the kernel.
        self.is_powerful() || status.mode & 0o444 == 0o444 || self.may(directory, name, libc::R_OK)
    }

    /// Whether it may run the file.
    pub fn may_execute(&self, directory: &OpenDirectory, name: &[u8], status: &Status) -> bool {
        status.mode & 0o111 != 0 && (status.mode & 0o111 == 0o111 || self.may(directory, name, libc::X_OK))
    }

    /// Whether it may take the name out of the directory.
    pub fn may_unlink(&self, directory: &OpenDirectory, status: &Status) -> bool {
        if self.is_powerful() {
            return true;
        }
        let user = self.view.credentials.as_ref().map(|credentials| credentials.user);
        let sticky = directory.status.mode & libc::S_ISVTX != 0;
        let owner = user.is_none() || user == Some(status.user) || user == Some(directory.status.user);
        (!sticky || owner) && self.may_write_in(directory)
    }

    /// Whether it may make a name in the directory.
    pub fn may_write_in(&self, directory: &OpenDirectory) -> bool {
        self.is_powerful() || self.may(directory, b".", libc::W_OK | libc::X_OK)
    }

    fn may(&self, directory: &OpenDirectory, name: &[u8], mode: i32) -> bool {
        let ask = || sys::may_access(directory.raw(), name, mode);
        match &self.view.credentials {
            Some(credentials) if self.other_credentials => as_if(credentials, ask),
            _ => ask(),
        }
    }
}

/// Runs `question` with the file permissions of others, where we may take them (root). The raw calls change this
/// thread alone, and this program has one thread.
pub fn as_if<T>(credentials: &Credentials, question: impl FnOnce() -> T) -> T {
    // SAFETY: plain system calls; the group list is alive for the call.
    unsafe {
        if libc::geteuid() != 0 {
            return question();
        }
        let mut own_groups = [0u32; 256];
        let count = libc::syscall(libc::SYS_getgroups, own_groups.len(), own_groups.as_mut_ptr());
        libc::syscall(libc::SYS_setgroups, credentials.groups.len(), credentials.groups.as_ptr());
        libc::syscall(libc::SYS_setfsgid, credentials.group);
        libc::syscall(libc::SYS_setfsuid, credentials.user);
        let answer = question();
        libc::syscall(libc::SYS_setfsuid, 0);
        libc::syscall(libc::SYS_setfsgid, libc::getegid());
        libc::syscall(libc::SYS_setgroups, count.max(0), own_groups.as_ptr());
        answer
    }
}
