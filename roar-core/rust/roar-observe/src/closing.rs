//! When a recording is over.

use crate::job::{Job, Stage};
use crate::tracer::Tracer;
use crate::tree::JobId;
use roar_launch::arguments::WaitFor;
use roar_trace::sys;

/// What descendants do this long after the command has ended still belongs to the record.
const GRACE_MS: u64 = 500;
/// A filter is given back a moment after its last process has ended.
pub const HANG_UP_MS: u64 = 10;
/// How often processes are looked for that have not been heard of.
const SEARCH_MS: u64 = 100;

impl Job {
    /// How long until something may change without an event.
    pub fn patience(&self) -> Option<u64> {
        let Stage::Ended(at) = self.stage else { return None };
        let age = sys::coarse_ms().saturating_sub(at);
        if age < HANG_UP_MS {
            return Some(HANG_UP_MS - age + 1);
        }
        match self.wait {
            WaitFor::Command => Some(GRACE_MS.saturating_sub(age).clamp(1, SEARCH_MS)),
            WaitFor::All => Some(SEARCH_MS),
        }
    }

    /// The front has been killed: its command goes with it, as it would without us.
    pub fn lose_front(&mut self) {
        self.control.close();
        if self.stage == Stage::Running {
            self.front_lost = true;
            // SAFETY: a plain system call; the process is watched and has not been seen to end.
            unsafe { libc::kill(self.root, libc::SIGKILL) };
        }
    }
}

impl Tracer {
    /// Closes the recordings whose time has come. `count_living` tells how many processes of a job are left, so many
    /// milliseconds after its command has ended; `None` if that will only show in a moment.
    pub fn close_finished_jobs(
        &mut self,
        mut count_living: impl FnMut(&mut Tracer, JobId, u64) -> Option<usize>,
    ) {
        for id in 0..self.jobs.len() {
            let Stage::Ended(at) = self.jobs[id].stage else { continue };
            let age = sys::coarse_ms().saturating_sub(at);
            let living = count_living(self, id, age);
            let over = match (living, self.jobs[id].wait) {
                (Some(0), _) => true,
                (Some(_), WaitFor::Command) => age >= GRACE_MS,
                _ => false,
            };
            if !over {
                continue;
            }
            if let Some(count) = living.filter(|&count| count > 0) {
                let detail = format!("{count} processes still ran when the report was closed");
                self.jobs[id].recording.add_gap("left_running", None, detail);
            }
            self.settle_all(id);
            let level = self.program.level;
            self.jobs[id].close(&self.resolver.directories, level);
        }
    }
}

impl Tracer {
    /// Programs that were started and have not been heard of since are running.
    fn settle_all(&mut self, id: usize) {
        let plausible =
            |process: &crate::tree::Process| process.pending.as_ref().is_some_and(|p| p.plausible);
        let started: Vec<i32> = self
            .tree
            .processes
            .values()
            .filter(|process| process.job == id && plausible(process))
            .map(|process| process.pid)
            .collect();
        for pid in started {
            self.commit_exec(pid, None);
        }
    }
}
