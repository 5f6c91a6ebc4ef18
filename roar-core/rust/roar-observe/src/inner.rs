//! Runs inside this run: one tracer serves them all, each with a report of its own.

use crate::job::{Job, JobOptions};
use crate::procfs;
use crate::tracer::Tracer;
use crate::tree::{Process, View};
use roar_launch::control::Control;
use roar_launch::nested::{self, AdoptRequest, Connection, Progress, RecordRequest};
use roar_launch::wait;
use roar_trace::report::{Header, Report};
use roar_trace::sys;
use std::os::fd::{AsRawFd, OwnedFd};

#[derive(Default)]
pub struct InnerRuns {
    listener: Option<OwnedFd>,
    waiting: Vec<Connection>,
    /// The jobs whose control channels are watched, in the order of their poll entries.
    watched: Vec<usize>,
}

impl InnerRuns {
    /// Listens for inner runs of the front. Without the address there are none: no reason not to run.
    pub fn new(front: i32) -> InnerRuns {
        InnerRuns { listener: nested::listen(nested::Front::of(front)).ok(), ..InnerRuns::default() }
    }

    pub fn push_descriptors(&mut self, ready: &mut Vec<libc::pollfd>, jobs: &[Job]) {
        ready.push(wait::readable(self.listener.as_ref().map_or(-1, AsRawFd::as_raw_fd)));
        ready.extend(self.waiting.iter().map(|connection| wait::readable(connection.socket.as_raw_fd())));
        self.watched.clear();
        for (id, job) in jobs.iter().enumerate().skip(1) {
            if let Some(socket) = job.control.descriptor() {
                self.watched.push(id);
                ready.push(wait::readable(socket));
            }
        }
    }

    /// Serves what `push_descriptors` has asked about; processes that ask to be taken over are returned.
    pub fn serve(&mut self, tracer: &mut Tracer, ready: &[libc::pollfd]) -> Vec<(AdoptRequest, Control)> {
        let mut adoptions = Vec::new();
        let (connections, controls) = ready[1..].split_at(self.waiting.len());
        for (&id, control) in self.watched.iter().zip(controls) {
            if control.revents != 0 && tracer.jobs[id].control.is_lost() {
                tracer.jobs[id].lose_front();
            }
        }
        let spoken: Vec<bool> = connections.iter().map(|connection| connection.revents != 0).collect();
        let mut silent = Vec::new();
        for (mut connection, spoken) in self.waiting.drain(..).zip(spoken) {
            let progress = if spoken { connection.read() } else { Progress::Waiting };
            match progress {
                Progress::Waiting => silent.push(connection),
                Progress::Gone => {}
                Progress::Refused(reason) => Control::new(connection.socket).failed(reason, None),
                Progress::Record(request) => record(tracer, *request, Control::new(connection.socket)),
                Progress::Adopt(request) => adoptions.push((request, Control::new(connection.socket))),
            }
        }
        self.waiting = silent;
        if ready[0].revents != 0 {
            if let Some(connection) = self.listener.as_ref().and_then(nested::accept) {
                self.waiting.push(connection);
            }
        }
        adoptions
    }

    /// Takes no more.
    pub fn close(&mut self) {
        *self = InnerRuns::default();
    }
}

/// Moves a process to a recording of its own.
fn record(tracer: &mut Tracer, request: RecordRequest, control: Control) {
    tracer.now_ms = sys::coarse_ms();
    let is_child = procfs::status(request.process).is_some_and(|status| status.parent == request.peer);
    if !is_child {
        return control.failed("the command is not a child of the process that asks", None);
    }
    if tracer.is_ours(request.peer) {
        tracer.caller(request.peer);
    }
    let Some(peer) = tracer.tree.processes.get_mut(&request.peer) else {
        return control.failed("the process that asks is not traced here", None);
    };
    let (outer, image) = (peer.job, peer.image);
    peer.ignored = true;
    let header = Header {
        tracer: tracer.program.name,
        version: tracer.program.version,
        arguments: &request.arguments,
        directory: &request.directory,
        started_ns: sys::now_ns(),
    };
    let report = match Report::start(request.report, &header) {
        Ok(report) => report,
        Err(error) => return control.failed(&format!("cannot write the report: {error}"), None),
    };
    let line = image.map(|image| {
        tracer.tree.images[image].ignored = true;
        tracer.tree.images[image].line
    });
    tracer.jobs[outer].add_inner(line, &request.uid);
    control.ready(tracer.program.name, tracer.jobs[outer].uid.as_deref());
    let limit = request.preserve_limit.unwrap_or(tracer.jobs[outer].preserve_limit);
    let options = JobOptions {
        wait: request.wait,
        control,
        lock: request.lock,
        preserve_limit: limit,
        keep: request.keep,
        uid: Some(request.uid),
    };
    tracer.jobs.push(Job::new(request.process, Some(report), options));
    let id = tracer.jobs.len() - 1;
    tracer.adopt_root(request.process, id, None);
}

impl Tracer {
    /// Whether a process descends from one that is known, or runs a known image.
    fn is_ours(&self, pid: i32) -> bool {
        let mut ancestor = pid;
        while ancestor > 1 {
            if self.tree.processes.contains_key(&ancestor) {
                return true;
            }
            ancestor = procfs::status(ancestor).map_or(0, |status| status.parent);
        }
        procfs::fingerprint(pid).is_some_and(|seen| self.tree.image_with(&seen).is_some())
    }

    /// Makes a process the root of a job; `view`: what names mean to it, if that is known.
    pub fn adopt_root(&mut self, pid: i32, job: usize, view: Option<View>) {
        self.tree.remove(pid);
        let mut process = Process::new(pid, None, job);
        process.view = view;
        process.pidfd = procfs::open_pidfd(pid);
        if let Some(pidfd) = &process.pidfd {
            self.deaths.watch_command(pidfd, pid);
        }
        self.tree.insert(process);
    }
}
