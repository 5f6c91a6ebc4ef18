//! What an exec that has succeeded means for the record.

use crate::fingerprint::Fingerprint;
use crate::tracer::Tracer;
use crate::tree::Image;
use roar_trace::fold::Actor;
use roar_trace::sys;

impl Tracer {
    /// The exec of a process has succeeded: it runs a new image.
    pub fn commit_exec(&mut self, pid: i32, fingerprint: Option<Fingerprint>) {
        let Some(process) = self.tree.processes.get_mut(&pid) else { return };
        let Some(pending) = process.pending.take() else { return };
        let pending = *pending;
        let time_ns = pending.line.started_ns;
        process.unsettled.clear();
        process.divided = false;
        if pending.changes_credentials {
            process.view = None;
        }
        let (owned, job, ignored) = (process.owns_image, process.job, process.ignored);
        let old = process.image;
        let recording = &mut self.jobs[job].recording;
        if let Some(line) = old.filter(|_| owned).map(|image| self.tree.images[image].line) {
            if let Some(line) = recording.process_mut(line) {
                line.ended_ns = Some(time_ns);
            }
        }
        let line = if ignored { 0 } else { recording.add_process(pending.line) };
        if !ignored {
            let actor = Actor { process: line, time_ns, time_ms: sys::coarse_ms() };
            for (place, identity) in &pending.reads {
                recording.executed(&place.at(), *identity, &actor);
            }
        }
        let image = self.tree.add_image(Image { job, line, fingerprint, ignored });
        if let Some(process) = self.tree.processes.get_mut(&pid) {
            process.image = Some(image);
            process.owns_image = true;
        }
    }
}
