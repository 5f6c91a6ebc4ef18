//! Telling program images apart: which one a new process runs, and whether it has become another one.

use crate::procfs;
use crate::tracer::Tracer;
use crate::tree::ImageId;

impl Tracer {
    /// The image that a process which has just been seen for the first time runs.
    pub fn image_of(&mut self, thread: i32, parent: i32) -> Option<ImageId> {
        let known = self.tree.processes.get(&parent).and_then(|process| process.image);
        if let Some(image) = known {
            if self.tree.images[image].fingerprint.is_some_and(|fingerprint| fingerprint.is_of(thread)) {
                return Some(image);
            }
        }
        let seen = procfs::fingerprint(thread);
        if let Some(image) = seen.and_then(|seen| self.tree.image_with(&seen)) {
            return Some(image);
        }
        if let Some(seen) = seen {
            // The parent's exec may have gone well and shown it only by this child.
            let succeeded = self.tree.processes.get(&parent).is_some_and(|process| process.pending.is_some());
            if succeeded {
                self.commit_exec(parent, Some(seen));
            }
        }
        let known = self.tree.processes.get(&parent).and_then(|process| process.image);
        let image = known.filter(|&image| self.tree.images[image].fingerprint.is_none() || seen.is_none());
        // Its parent has gone, and nothing was seen of the image that it shares with it.
        let image = image.or_else(|| self.tree.newest_unseen_image()).or(known);
        if let (Some(image), Some(seen)) = (image, seen) {
            if self.tree.images[image].fingerprint.is_none() {
                self.tree.set_fingerprint(image, seen);
            }
        }
        image
    }

    /// Finds out what became of calls that had been let go on.
    pub fn settle(&mut self, pid: i32, thread: i32) {
        let Some(process) = self.tree.processes.get_mut(&pid) else { return };
        if process.unsettled.is_empty() && process.pending.is_none() {
            return;
        }
        if let Some(index) = process.unsettled.iter().position(|&other| other == thread) {
            process.unsettled.swap_remove(index);
            process.view = None;
            process.directory = None;
            if std::mem::take(&mut process.changes_names) {
                self.forget_names();
            }
        }
        let Some(process) = self.tree.processes.get_mut(&pid) else { return };
        let Some(pending) = &process.pending else { return };
        let before = process.image.and_then(|image| self.tree.images[image].fingerprint).or(pending.before);
        let same_thread = pending.thread == thread;
        if !before.is_some_and(|before| before.is_of(thread)) {
            self.commit_exec(pid, procfs::fingerprint(thread));
        } else if same_thread {
            // The call has come back: it has failed.
            process.pending = None;
        }
    }
}
