//! Descendants that have made no caught call since they were forked.

use crate::closing::HANG_UP_MS;
use crate::job::{Job, Stage};
use crate::procfs;
use crate::tracer::Tracer;
use crate::tree::JobId;

impl Tracer {
    /// Closes the recordings whose time has come. `nobody_left`: no process is in the filter any more. `all_known`:
    /// every process that lives is in the tree.
    pub fn close_jobs(&mut self, nobody_left: bool, all_known: bool) {
        let any_ended = self.jobs.iter().any(|job| matches!(job.stage, Stage::Ended(_)));
        if !all_known && (any_ended || (nobody_left && self.jobs.iter().any(Job::is_open))) {
            self.bury();
        }
        self.close_finished_jobs(|tracer, id, age| match nobody_left {
            _ if all_known => Some(tracer.tree.living(id)),
            // The last ones may still be on their way from the filter to their end.
            true if tracer.tree.living(id) > 0 && age < HANG_UP_MS => None,
            true => Some(0),
            false => tracer.count_living(id, age),
        });
    }

    /// How many processes of the job are left; `None` if that will only show in a moment.
    fn count_living(&mut self, id: JobId, age_ms: u64) -> Option<usize> {
        let living = self.tree.living(id);
        if living > 0 {
            return Some(living);
        }
        if age_ms < HANG_UP_MS {
            return None;
        }
        self.find_silent();
        Some(self.tree.living(id))
    }

    /// Takes processes into the tree that run a known image and have not been heard of.
    fn find_silent(&mut self) {
        let Ok(entries) = std::fs::read_dir("/proc") else { return };
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
        for pid in pids {
            if self.tree.processes.contains_key(&pid) {
                continue;
            }
            let known = procfs::fingerprint(pid).is_some_and(|seen| self.tree.image_with(&seen).is_some());
            if known {
                self.caller(pid);
            }
        }
    }
}
