//! Removing names.

use crate::caller::Caller;
use crate::tracer::Tracer;
use roar_trace::path::Target;

impl Tracer {
    pub fn unlink(&mut self, caller: &Caller, descriptor: i32, address: u64) {
        let Some(path) = self.read_path(caller.thread, address) else { return };
        let target = self.resolve(caller, descriptor, &path, false);
        self.path = path;
        let Target::Found(place, status) = target else { return };
        if status.is_link() {
            // It may be one that leads to a directory.
            return self.unsettle(caller);
        }
        if status.is_file()
            && caller.may_unlink(&place.directory, &status)
            && self.is_recorded(caller, &place)
        {
            self.preserve(caller, &place, &status, false);
            let actor = self.actor(caller);
            self.jobs[caller.job].recording.removed(&place.at(), status.identity, &actor);
        }
    }
}
