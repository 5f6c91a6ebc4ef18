//! Opening and truncating files.

use super::Caught;
use crate::caller::Caller;
use crate::calls::{LENGTH_WORDS, TRUNCATE64, WITHOUT_CONTENT};
use crate::memory;
use crate::tracer::Tracer;
use roar_trace::fold::Opening;
use roar_trace::path::{Place, Target};
use roar_trace::sys;
use roar_trace::Status;

const RESOLVE_IN_ROOT: u64 = 0x10;
/// A record looked at this recently is not looked at again for one more read.
const MAX_AGE_MS: u64 = 100;

impl Tracer {
    /// open, openat, creat; openat2 with its `resolve` flags.
    pub fn open_named(&mut self, caller: &Caller, descriptor: i32, address: u64, flags: i32, resolve: u64) {
        if flags & WITHOUT_CONTENT != 0 {
            return;
        }
        let Some(path) = self.read_path(caller.thread, address) else { return };
        self.open_path(caller, descriptor, &path, flags, resolve);
        self.path = path;
    }

    fn open_path(&mut self, caller: &Caller, descriptor: i32, path: &[u8], flags: i32, resolve: u64) {
        if matches!(path, b"/dev/null" | b"/dev/tty" | b"/dev/urandom") {
            return;
        }
        let path =
            if resolve & RESOLVE_IN_ROOT != 0 { path.strip_prefix(b"/").unwrap_or(path) } else { path };
        let Some(place) = self.locate(caller, descriptor, path) else { return };
        let how = Opening::from_flags(flags);
        if !how.write && flags & (libc::O_TRUNC | libc::O_CREAT) == 0 {
            let actor = self.actor(caller);
            if self.jobs[caller.job].recording.reopened_for_reading(&place.at(), &actor, MAX_AGE_MS) {
                return;
            }
        }
        let exclusive = flags & libc::O_CREAT != 0 && flags & libc::O_EXCL != 0;
        let follow = flags & libc::O_NOFOLLOW == 0 && !exclusive;
        match self.look(caller, place, follow) {
            Target::Missing(place) if flags & libc::O_CREAT != 0 && self.is_recorded(caller, &place) => {
                let actor = self.actor(caller);
                self.jobs[caller.job].recording.opened(&place.at(), how, None, &actor);
            }
            Target::Found(place, status) if status.is_file() && !exclusive => {
                self.open_file(caller, &place, &status, how);
            }
            _ => {}
        }
    }

    /// An existing regular file is opened.
    fn open_file(&mut self, caller: &Caller, place: &Place, status: &Status, how: Opening) {
        if !self.is_recorded(caller, place) {
            return;
        }
        if how.read && !caller.may_read(&place.directory, &place.name, status) {
            return;
        }
        if how.write || how.truncate {
            self.preserve(caller, place, status, how.read && how.write && !how.truncate);
        }
        let actor = self.actor(caller);
        self.jobs[caller.job].recording.opened(&place.at(), how, Some(status.identity), &actor);
    }

    /// openat2: its flags lie in memory, and it may refuse where others would follow.
    pub fn open_restricted(&mut self, caller: &Caller, caught: &Caught) {
        let mut how = [0u8; 24];
        let size = (caught.arguments[3] as usize).min(how.len());
        if !memory::read_exact(caller.thread, caught.arguments[2], &mut how[..size]) {
            return;
        }
        let word = |index: usize| u64::from_le_bytes(std::array::from_fn(|byte| how[index * 8 + byte]));
        let (flags, resolve) = (word(0) as i32, word(2));
        if resolve != 0 && flags & libc::O_CREAT == 0 && !self.would_open(caller, caught, resolve) {
            return;
        }
        self.open_named(caller, caught.int(0), caught.arguments[1], flags, resolve);
    }

    /// Whether the kernel, asked by us from the same directory, follows the path under these restrictions.
    fn would_open(&mut self, caller: &Caller, caught: &Caught, resolve: u64) -> bool {
        let Some(path) = self.read_path(caller.thread, caught.arguments[1]) else { return false };
        let start = match caught.int(0) {
            libc::AT_FDCWD => format!("/proc/{}/cwd", caller.thread),
            descriptor => format!("/proc/{}/fd/{descriptor}", caller.thread),
        };
        let start = sys::open_at(libc::AT_FDCWD, start.as_bytes(), libc::O_PATH | libc::O_DIRECTORY);
        let opened = start.and_then(|start| {
            use std::os::fd::AsRawFd;
            sys::open_at_restricted(start.as_raw_fd(), &path, libc::O_PATH, resolve)
        });
        self.path = path;
        opened.is_ok()
    }

    /// open_by_handle_at: the handle is opened here as well, and its name asked for.
    pub fn open_by_handle(&mut self, caller: &Caller, caught: &Caught) {
        let mut handle = [0u32; 34];
        let mut bytes = [0u8; 8];
        if !memory::read_exact(caller.thread, caught.arguments[1], &mut bytes) {
            return;
        }
        let length = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
        let mut whole = vec![0u8; 8 + length.min(128)];
        if !memory::read_exact(caller.thread, caught.arguments[1], &mut whole) {
            return;
        }
        for (word, bytes) in handle.iter_mut().zip(whole.chunks(4)) {
            *word = u32::from_le_bytes(std::array::from_fn(|index| bytes.get(index).copied().unwrap_or(0)));
        }
        let mount = format!("/proc/{}/fd/{}", caller.thread, caught.int(0));
        let mount = match caught.int(0) {
            libc::AT_FDCWD => format!("/proc/{}/cwd", caller.thread),
            _ => mount,
        };
        let Ok(mount) = sys::open_at(libc::AT_FDCWD, mount.as_bytes(), libc::O_RDONLY | libc::O_NONBLOCK)
        else {
            return;
        };
        use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
        let flags = libc::O_PATH | libc::O_CLOEXEC;
        // SAFETY: the handle has room for the length it names; the descriptor is new and ours alone.
        let opened = unsafe {
            let number = libc::SYS_open_by_handle_at;
            let descriptor = libc::syscall(number, mount.as_raw_fd(), handle.as_mut_ptr(), flags) as i32;
            (descriptor >= 0).then(|| OwnedFd::from_raw_fd(descriptor))
        };
        let Some(opened) = opened else { return };
        let mut buffer = [0u8; 4352];
        let Ok(status) = sys::stat_descriptor(opened.as_raw_fd()) else { return };
        let Ok(path) = sys::descriptor_path(&opened, &mut buffer) else { return };
        if !status.is_file() {
            return;
        }
        if let Target::Found(place, status) = self.resolver.named(&caller.origin(), path, status, self.now_ms)
        {
            self.open_file(caller, &place, &status, Opening::from_flags(caught.int(2)));
        }
    }

    pub fn truncate(&mut self, caller: &Caller, caught: &Caught) {
        let Some(path) = self.read_path(caller.thread, caught.arguments[0]) else { return };
        let target = self.resolve(caller, libc::AT_FDCWD, &path, true);
        self.path = path;
        let Target::Found(place, status) = target else { return };
        if status.is_file() && self.is_recorded(caller, &place) {
            self.preserve(caller, &place, &status, false);
            let actor = self.actor(caller);
            let words = match (caught.pointer, caught.number) {
                (4, TRUNCATE64) => LENGTH_WORDS,
                _ => 1..2,
            };
            let to_nothing = caught.arguments[words].iter().all(|&word| word == 0);
            self.jobs[caller.job].recording.truncated(&place.at(), to_nothing, status.identity, &actor);
        }
    }
}
