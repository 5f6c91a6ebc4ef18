//! Which names are recorded, and forgetting what they stand for.

use crate::tracer::Tracer;
use crate::tree::JobId;
use roar_trace::fold::At;

impl Tracer {
    /// Whether a place is not below a location that nobody needs; counts what is.
    pub fn is_wanted(&mut self, job: JobId, at: &At) -> bool {
        if !self.ignore.is_empty() {
            let path = self.resolver.directories.path(at.directory, at.name);
            if self.ignore.iter().any(|prefix| path.starts_with(prefix)) {
                self.jobs[job].recording.ignored += 1;
                return false;
            }
        }
        true
    }

    /// Nothing that is known of directories is relied upon any more.
    pub fn forget_names(&mut self) {
        self.resolver.forget();
        for process in self.tree.processes.values_mut() {
            process.directory = None;
        }
    }
}
