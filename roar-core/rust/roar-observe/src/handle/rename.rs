//! Renaming files and directories.

use crate::caller::Caller;
use crate::folder::{self, Entry};
use crate::tracer::Tracer;
use roar_trace::path::{text, Place, Target};
use roar_trace::sys;
use roar_trace::Status;

const NOREPLACE: u32 = 1;
const EXCHANGE: u32 = 2;
/// A renamed directory is renamed file by file up to this many.
const MOST_ENTRIES: usize = 10_000;

impl Tracer {
    pub fn rename(&mut self, caller: &Caller, descriptors: [i32; 2], addresses: [u64; 2], flags: u32) {
        let Some(path) = self.read_path(caller.thread, addresses[0]) else { return };
        let from = self.resolve(caller, descriptors[0], text::without_closing_slashes(&path), false);
        self.path = path;
        let Target::Found(from, status) = from else { return };
        let Some(path) = self.read_path(caller.thread, addresses[1]) else { return };
        let to = self.resolve(caller, descriptors[1], text::without_closing_slashes(&path), false);
        self.path = path;
        let (to, displaced) = match to {
            Target::Missing(place) => (place, None),
            Target::Found(place, status) => (place, Some(status)),
            _ => return,
        };
        if !self.will_rename(caller, (&from, &status), (&to, displaced.as_ref()), flags) {
            return;
        }
        if !status.is_file() || displaced.is_some_and(|displaced| !displaced.is_file()) {
            // What directories and links stand for changes when the call goes on.
            self.unsettle(caller);
        }
        let recorded = self.is_recorded(caller, &from) & self.is_recorded(caller, &to);
        if !recorded {
            return;
        }
        if status.is_directory() {
            return self.rename_directory(caller, &from, &to, flags);
        }
        self.rename_file(caller, (&from, &status), (&to, displaced.as_ref()), flags);
    }

    fn rename_file(
        &mut self,
        caller: &Caller,
        (from, status): (&Place, &Status),
        (to, displaced): (&Place, Option<&Status>),
        flags: u32,
    ) {
        let displaced = displaced.filter(|displaced| displaced.is_file());
        let exchange = flags & EXCHANGE != 0;
        if let Some(displaced) = displaced.filter(|displaced| !exchange && displaced.links <= 1) {
            self.preserve(caller, to, displaced, false);
        }
        let actor = self.actor(caller);
        let directories = &self.resolver.directories;
        let recording = &mut self.jobs[caller.job].recording;
        match displaced {
            _ if !status.is_file() => {
                if let Some(displaced) = displaced {
                    recording.removed(&to.at(), displaced.identity, &actor);
                }
            }
            Some(displaced) if exchange => {
                let (one, other) = ((&from.at(), status.identity), (&to.at(), displaced.identity));
                recording.exchanged(directories, one, other, &actor);
            }
            _ => {
                let displaced = displaced.map(|displaced| displaced.identity);
                recording.renamed(directories, &from.at(), status.identity, &to.at(), displaced, &actor);
            }
        }
    }

    /// Renames what is in a directory, file by file.
    fn rename_directory(&mut self, caller: &Caller, from: &Place, to: &Place, flags: u32) {
        let entries = match folder::files_below(from.directory.raw(), &from.name, MOST_ENTRIES) {
            Some(entries) if flags & EXCHANGE == 0 => entries,
            _ => {
                let path = self.resolver.directories.path(from.directory.id, &from.name);
                let detail = format!("`{}` is too large to be followed", String::from_utf8_lossy(&path));
                let recording = &mut self.jobs[caller.job].recording;
                return recording.add_gap("directory_renamed", Some(caller.line), detail);
            }
        };
        let actor = self.actor(caller);
        let old = self.resolver.directories.path(from.directory.id, &from.name);
        let new = self.resolver.directories.path(to.directory.id, &to.name);
        for Entry { folder, name, identity } in entries {
            let directories = &mut self.resolver.directories;
            let old = directories.intern(&text::join(&old, &folder));
            let new = directories.intern(&text::join(&new, &folder));
            let old = roar_trace::fold::At { directory: old, name: &name, spelled: None };
            let new = roar_trace::fold::At { directory: new, name: &name, spelled: None };
            self.jobs[caller.job].recording.renamed(directories, &old, identity, &new, None, &actor);
        }
    }

    /// Whether the call can succeed, as far as the files tell.
    fn will_rename(
        &self,
        caller: &Caller,
        (from, status): (&Place, &Status),
        (to, displaced): (&Place, Option<&Status>),
        flags: u32,
    ) -> bool {
        let fits = match displaced {
            None => flags & EXCHANGE == 0,
            Some(_) if flags & NOREPLACE != 0 => false,
            // Two names of one file: the kernel does nothing.
            Some(displaced) if displaced.same_inode(status) => false,
            Some(_) if flags & EXCHANGE != 0 => true,
            Some(displaced) => {
                status.is_directory() == displaced.is_directory()
                    && caller.may_unlink(&to.directory, displaced)
                    && (!displaced.is_directory() || folder::is_empty(to.directory.raw(), &to.name))
            }
        };
        let same_mount = from.directory.status.same_inode(&to.directory.status)
            || sys::mount_of(from.directory.raw()) == sys::mount_of(to.directory.raw())
                && from.directory.status.identity.device == to.directory.status.identity.device;
        fits && same_mount && caller.may_unlink(&from.directory, status) && caller.may_write_in(&to.directory)
    }
}
