//! Whose the processes are: forks, ends, and which program image an event comes from.

use crate::events::Header;
use crate::kernel::Kernel;
use hashbrown::HashMap;
use roar_launch::outcome::Outcome;
use roar_observe::tracer::Tracer;
use roar_observe::tree::{ImageId, Process};

/// Program images by the numbers that the kernel gives them.
#[derive(Default)]
pub struct Members {
    images: HashMap<u32, ImageId>,
}

/// Who did something that is to be recorded.
#[derive(Clone, Copy)]
pub struct Author {
    pub job: usize,
    pub line: u32,
}

impl Members {
    pub fn image(&self, number: u32) -> Option<ImageId> {
        self.images.get(&number).copied()
    }

    pub fn add_image(&mut self, number: u32, image: ImageId) {
        self.images.insert(number, image);
    }

    /// Whose event this is; `None` if it is not to be recorded.
    pub fn author(&self, tracer: &Tracer, header: &Header) -> Option<Author> {
        let image = &tracer.tree.images[self.image(header.image)?];
        let open = tracer.jobs[image.job].is_open();
        (open && !image.ignored).then_some(Author { job: image.job, line: image.line })
    }

    pub fn forked(&self, tracer: &mut Tracer, header: &Header) {
        let image = self.image(header.image);
        self.add(tracer, header.process, image, header.detail as i32);
    }

    fn add(&self, tracer: &mut Tracer, pid: i32, image: Option<ImageId>, parent: i32) {
        let parent = tracer.tree.processes.get(&parent);
        let job = image.map(|image| tracer.tree.images[image].job).or(parent.map(|parent| parent.job));
        let ignored = image
            .map_or(parent.is_some_and(|parent| parent.ignored), |image| tracer.tree.images[image].ignored);
        let mut process =
            Process::new(pid, parent.map(|parent| (parent.pid, parent.serial)), job.unwrap_or(0));
        process.image = image;
        process.ignored = ignored;
        tracer.tree.insert(process);
    }

    pub fn exited(&self, tracer: &mut Tracer, header: &Header, time_ns: u64) {
        let outcome = Outcome::from_wait_status(header.detail as i32);
        tracer.process_ended(header.process, Some(outcome));
        // The command's own end may have been seen before it was told, by its pidfd.
        let Some(image) = self.image(header.image).map(|image| &tracer.tree.images[image]) else { return };
        let line = tracer.jobs[image.job].recording.process_mut(image.line);
        if let Some(line) = line.filter(|line| line.pid == header.process) {
            line.ended_ns = Some(time_ns);
            line.exit_code = outcome.exit_code();
            line.signal = outcome.signal();
        }
    }

    /// Makes the tree what the kernel says: events were lost.
    pub fn reconcile(&self, tracer: &mut Tracer, kernel: &Kernel) {
        let tracked: HashMap<i32, u32> =
            kernel.tracked().into_iter().map(|(pid, member)| (pid, member.image)).collect();
        let gone: Vec<i32> =
            tracer.tree.processes.keys().copied().filter(|pid| !tracked.contains_key(pid)).collect();
        for pid in gone {
            // The commands themselves have a pidfd each, which knows how they ended.
            if !tracer.jobs.iter().any(|job| job.root == pid) {
                tracer.process_ended(pid, None);
            }
        }
        for (pid, image) in tracked {
            if !tracer.tree.processes.contains_key(&pid) {
                self.add(tracer, pid, self.image(image), 0);
            }
        }
    }
}
