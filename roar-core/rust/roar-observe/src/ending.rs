//! What the end of a process means for the record.

use crate::tracer::Tracer;
use roar_launch::outcome::Outcome;
use roar_trace::sys;

impl Tracer {
    /// A process has ended; how, if that is known.
    pub fn process_ended(&mut self, pid: i32, status: Option<Outcome>) {
        let plausible = |tracer: &Tracer| {
            tracer
                .tree
                .processes
                .get(&pid)
                .and_then(|process| process.pending.as_ref())
                .is_some_and(|p| p.plausible)
        };
        if plausible(self) {
            self.commit_exec(pid, None);
        }
        let Some(process) = self.tree.remove(pid) else { return };
        let now = sys::now_ns();
        let status = status.or(process.announced);
        let job = &mut self.jobs[process.job];
        if let Some(line) = process.image.filter(|_| process.owns_image && !process.ignored) {
            if let Some(line) = job.recording.process_mut(self.tree.images[line].line) {
                line.ended_ns = Some(now);
                line.exit_code = status.and_then(Outcome::exit_code);
                line.signal = status.and_then(Outcome::signal);
            }
        }
        if job.root == pid {
            job.root_ended(status, now);
        }
    }
}
