//! Descendants that have made no caught call since they were forked.

use crate::procfs;
use crate::tracer::Tracer;

impl Tracer {
    /// Takes processes into the tree that run a known image and have not been heard of.
    pub fn find_silent(&mut self) {
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
