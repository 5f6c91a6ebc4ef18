//! Giving a file a second name.

use crate::caller::Caller;
use crate::tracer::Tracer;
use roar_trace::path::Target;

impl Tracer {
    pub fn link(&mut self, caller: &Caller, descriptors: [i32; 2], addresses: [u64; 2], flags: i32) {
        let Some(path) = self.read_path(caller.thread, addresses[0]) else { return };
        let from = if path.is_empty() && flags & libc::AT_EMPTY_PATH != 0 {
            self.descriptor_target(caller, descriptors[0])
        } else {
            self.resolve(caller, descriptors[0], &path, flags & libc::AT_SYMLINK_FOLLOW != 0)
        };
        self.path = path;
        let (from, status) = match from {
            Target::Found(place, status) => (Some(place), status),
            Target::Unnamed(status) => (None, status),
            _ => return,
        };
        let Some(path) = self.read_path(caller.thread, addresses[1]) else { return };
        let to = self.resolve(caller, descriptors[1], &path, false);
        self.path = path;
        let Target::Missing(to) = to else { return };
        let across = to.directory.status.identity.device != status.identity.device;
        if !status.is_file()
            || across
            || !caller.may_write_in(&to.directory)
            || !self.is_recorded(caller, &to)
        {
            return;
        }
        let from = from.filter(|from| self.is_recorded(caller, from));
        let actor = self.actor(caller);
        let at = from.as_ref().map(|from| from.at());
        let recording = &mut self.jobs[caller.job].recording;
        recording.linked(&self.resolver.directories, at.as_ref(), status.identity, &to.at(), &actor);
    }
}
