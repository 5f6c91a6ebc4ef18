//! The event loop: one thread that waits for ends of processes, signals and the front, and looks into the source between.

use crate::backend::Source;
use crate::held;
use crate::tracer::Tracer;
use roar_launch::kqueue::Event;
use roar_launch::outcome::Outcome;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

pub struct Service {
    tracer: Tracer,
    source: Box<dyn Source>,
    /// The process that becomes the command; `None` once it has.
    command: Option<UnixStream>,
    command_name: Vec<u8>,
    /// How long the source may be left alone.
    patience: Duration,
    /// Something of ours has failed: the job goes on unobserved.
    degraded: bool,
}

impl Service {
    pub fn new(
        tracer: Tracer,
        source: Box<dyn Source>,
        command: UnixStream,
        command_name: Vec<u8>,
    ) -> anyhow::Result<Service> {
        let queue = &tracer.deaths.queue;
        queue.watch_readable(command.as_raw_fd())?;
        if let Some(front) = tracer.jobs[0].control.descriptor() {
            queue.watch_readable(front)?;
        }
        let command = Some(command);
        Ok(Service { tracer, source, command, command_name, patience: Duration::ZERO, degraded: false })
    }

    /// Serves until the report is closed.
    pub fn run(&mut self) {
        while !self.degraded && self.tracer.jobs[0].is_open() {
            let jobs_patience = self.tracer.jobs[0].patience().map(Duration::from_millis);
            let patience = jobs_patience.map_or(self.patience, |patience| patience.min(self.patience));
            let events = self.tracer.deaths.queue.wait(Some(patience));
            self.guarded(|service| {
                // What has happened comes before what it has led to.
                service.patience = service.source.serve(&mut service.tracer);
                for event in events {
                    service.take(event);
                }
                service.tracer.close_finished_jobs(|tracer, id, _| Some(tracer.tree.living(id)));
            });
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Ended(process) => {
                // One that could not become the command has said so before.
                if process == self.tracer.jobs[0].root {
                    self.exec_settled();
                }
                self.tracer.process_ended(process, None);
            }
            // Who has sent it is not told.
            Event::Signal(signal) => self.tracer.jobs[0].control.signal(signal, 0),
            Event::Readable(descriptor) => {
                let job = &mut self.tracer.jobs[0];
                if job.control.descriptor() == Some(descriptor) {
                    if job.control.is_lost() {
                        job.lose_front();
                    }
                } else {
                    self.exec_settled();
                }
            }
        }
    }

    /// Whether the command's exec has failed.
    fn exec_settled(&mut self) {
        let Some(mut command) = self.command.take() else { return };
        let Some(errno) = held::exec_error(&mut command) else { return };
        let job = &mut self.tracer.jobs[0];
        job.control.exec_failed(errno, &self.command_name);
        if let Some(process) = self.tracer.tree.processes.get_mut(&job.root) {
            process.pending = None;
            process.announced = Some(Outcome::Exited(held::exit_code(errno)));
        }
    }

    /// Runs a part of our own work; if it fails, the job goes on unobserved.
    fn guarded(&mut self, work: impl FnOnce(&mut Service)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.degraded = true;
            let job = &mut self.tracer.jobs[0];
            job.give_up_report("internal error: the command goes on unobserved, its report is incomplete");
            job.control.close();
        }
    }
}
