//! A process of the job that traces another one: only one tracer fits.

use super::{Answer, Caught};
use crate::procfs;
use crate::stops::Purpose;
use crate::tracer::Tracer;

const TRACEME: u64 = 0;
const ATTACH: u64 = 16;
const SEIZE: u64 = 0x4206;

impl Tracer {
    /// ptrace(2), which is caught only where we are attached ourselves.
    pub fn asks_to_trace(&mut self, caught: &Caught) -> Answer {
        let target = match caught.arguments[0] {
            TRACEME => caught.thread,
            ATTACH | SEIZE => caught.arguments[1] as i32,
            _ => return Answer::Proceed,
        };
        let Some(status) = procfs::status(target) else { return Answer::Proceed };
        let Some(purpose) = self.stops.as_ref().map(|stops| stops.purpose) else { return Answer::Proceed };
        if status.tracer != std::process::id() as i32 {
            return Answer::Proceed;
        }
        if purpose == Purpose::Trace || crate::mode::needs_attaching() {
            self.warn_of_other_tracer(caught.thread, purpose);
        }
        if purpose == Purpose::Trace {
            return Answer::Proceed;
        }
        // Let go of the target; the caller asks again until that is done.
        if let Some(stops) = &mut self.stops {
            stops.leave(status.process);
            stops.interrupt(caught.thread);
        }
        Answer::Restart
    }

    fn warn_of_other_tracer(&mut self, thread: i32, purpose: Purpose) {
        let Some(caller) = self.caller(thread) else { return };
        let name = self.program_of(&caller);
        let (what, detail) = match purpose {
            Purpose::Trace => ("can't trace under this tracer", "was refused to trace"),
            Purpose::Access => ("traces: what it traces is not observed", "traced processes of the job"),
        };
        let job = &mut self.jobs[caller.job];
        if !job
            .recording
            .gaps
            .iter()
            .any(|gap| gap.kind == "traced_by_other" && gap.process == Some(caller.line))
        {
            job.control.warning(&format!("`{name}` {what}"));
            job.recording.add_gap("traced_by_other", Some(caller.line), format!("`{name}` {detail}"));
        }
    }
}
