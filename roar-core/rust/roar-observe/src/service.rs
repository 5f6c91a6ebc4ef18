//! The event loop: one thread that waits for calls, deaths, signals, the front and inner runs.

use crate::backend::Source;
use crate::epoll::Quiet;
use crate::filtered::FilteredTree;
use crate::guardian::{Guardian, InFlight};
use crate::handle::Answer;
use crate::launch;
use crate::listener::Listener;
use crate::tracer::Tracer;
use roar_launch::{signals, wait};
use roar_trace::sys;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::panic::{catch_unwind, AssertUnwindSafe};

pub struct Service {
    pub tracer: Tracer,
    /// `None`: calls are caught by stops.
    pub listener: Option<Listener>,
    pub source: Option<Box<dyn Source>>,
    pub in_flight: InFlight,
    /// Ended with this value.
    pub _guardian: Option<Guardian>,
    /// Parts of the tree that have filters of their own.
    pub filtered: Vec<FilteredTree>,
    pub signals: OwnedFd,
    pub quiet: Quiet,
    pub exec_result: Option<OwnedFd>,
    pub command_name: Vec<u8>,
    pub inner: crate::inner::InnerRuns,
    /// Nobody is left in the filter.
    pub hung_up: bool,
    /// Something of ours has failed: calls go on unobserved.
    pub degraded: bool,
    /// All reports are closed; descendants are served on.
    pub detached: bool,
}

fn raw(descriptor: &Option<OwnedFd>) -> RawFd {
    descriptor.as_ref().map_or(-1, AsRawFd::as_raw_fd)
}

/// How many descriptors are always waited for; those of filtered trees follow.
const FIXED: usize = 5;
/// How many of the quiet ones are ours; those of inner runs follow.
const QUIET: usize = 3;

impl Service {
    /// Serves until no process of the job is left and all reports are closed.
    pub fn run(&mut self) {
        let (mut ready, mut quiet) = (Vec::with_capacity(8), Vec::with_capacity(8));
        self.watch_quiet(&mut quiet, true);
        loop {
            let listener = self.listener.as_ref().filter(|_| !self.hung_up).map_or(-1, Listener::raw);
            ready.clear();
            ready.push(wait::readable(listener));
            ready.push(wait::readable(self.tracer.deaths.of_all()));
            ready.push(wait::readable(self.signals.as_raw_fd()));
            ready.push(wait::readable(self.source.as_ref().map_or(-1, |source| source.descriptor())));
            ready.push(wait::readable(self.quiet.raw()));
            self.push_filtered(&mut ready);
            wait::poll(&mut ready, self.patience());
            if ready[0].revents & libc::POLLIN != 0 {
                self.serve_call();
            } else if ready[0].revents & (libc::POLLHUP | libc::POLLERR) != 0 {
                self.hung_up = true;
            }
            let tree_ended = self.serve_filtered(&ready[FIXED..]);
            let others = tree_ended || ready[1..FIXED].iter().any(|other| other.revents != 0);
            let deaths_due = self.tracer.deaths.patience() == Some(0);
            let spoke = ready[4].revents != 0;
            if others || deaths_due {
                if spoke {
                    wait::poll(&mut quiet, Some(0));
                }
                self.guarded(|service| service.serve_others(&ready, &quiet));
                self.serve_stops();
            }
            if others || self.hung_up || self.jobs_patience().is_some() {
                self.guarded(Service::advance);
                if self.is_needless() && (self.degraded || self.all_closed()) {
                    return;
                }
                self.watch_quiet(&mut quiet, spoke);
            }
        }
    }

    /// Lists the descriptors that seldom become readable, and watches them; new ones come when one of them was.
    fn watch_quiet(&mut self, quiet: &mut Vec<libc::pollfd>, may_be_new: bool) {
        quiet.clear();
        quiet.push(wait::readable(self.tracer.deaths.of_commands()));
        quiet.push(wait::readable(self.tracer.jobs[0].control.descriptor().unwrap_or(-1)));
        quiet.push(wait::readable(raw(&self.exec_result)));
        self.inner.push_descriptors(quiet, &self.tracer.jobs);
        self.quiet.watch(quiet, may_be_new);
    }

    fn serve_call(&mut self) {
        // An error means that the caller has died meanwhile.
        let Some(Ok(notification)) = self.listener.as_ref().map(Listener::receive) else { return };
        self.in_flight.begin(notification.id);
        self.tracer.deaths.put_off(sys::coarse_ms());
        let mut answer = Answer::Proceed;
        if !self.detached {
            self.guarded(|service| answer = service.tracer.notified(&notification));
        }
        if let Some(listener) = &self.listener {
            match answer {
                Answer::Proceed => listener.proceed(notification.id),
                Answer::Restart => listener.restart(notification.id),
            }
        }
        self.in_flight.finish();
    }

    fn serve_others(&mut self, ready: &[libc::pollfd], quiet: &[libc::pollfd]) {
        // What has happened comes before what it has led to.
        self.serve_source();
        let [command_ended, front_spoke, exec_settled] = [0, 1, 2].map(|index| quiet[index].revents != 0);
        if ready[1].revents != 0 || command_ended || self.tracer.deaths.patience() == Some(0) {
            self.tracer.bury();
        }
        if ready[2].revents != 0 {
            while let Some(signal) = signals::next(&self.signals) {
                if signal.ssi_signo as i32 != libc::SIGCHLD {
                    self.tracer.jobs[0].control.signal(signal.ssi_signo as i32, signal.ssi_pid as i32);
                }
            }
        }
        if front_spoke && self.tracer.jobs[0].control.is_lost() {
            self.tracer.jobs[0].lose_front();
        }
        if exec_settled {
            self.exec_settled();
        }
        for (request, control) in self.inner.serve(&mut self.tracer, &quiet[QUIET..]) {
            self.adopt(request, control);
        }
    }

    /// Whether the command's exec has failed.
    fn exec_settled(&mut self) {
        let Some(exec_result) = self.exec_result.take() else { return };
        if let Some(errno) = launch::exec_error(&exec_result) {
            let job = &mut self.tracer.jobs[0];
            job.control.exec_failed(errno, &self.command_name);
            let root = job.root;
            if let Some(process) = self.tracer.tree.processes.get_mut(&root) {
                process.pending = None;
            }
        }
    }

    /// Runs a part of our own work; if it fails, the job goes on unobserved.
    pub fn guarded(&mut self, work: impl FnOnce(&mut Service)) {
        if self.degraded {
            return;
        }
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.degraded = true;
            for job in self.tracer.jobs.iter_mut().filter(|job| job.is_open()) {
                job.give_up_report(
                    "internal error: the command goes on unobserved, its report is incomplete",
                );
                job.control.close();
            }
        }
    }

    pub fn serve_source(&mut self) {
        if let Some(source) = &mut self.source {
            source.serve(&mut self.tracer);
        }
    }

    /// Whether the job goes on unharmed without us.
    fn is_needless(&self) -> bool {
        let is_caught = self.listener.is_some() || self.tracer.stops.is_some();
        self.filtered.is_empty() && (self.hung_up || !is_caught)
    }

    fn all_closed(&self) -> bool {
        self.tracer.jobs.iter().all(|job| !job.is_open())
    }

    /// Closes what can be closed.
    fn advance(&mut self) {
        let lost = self.in_flight.take_lost();
        if lost > 0 {
            let detail = "the tracer hung, and calls were let go on";
            for job in self.tracer.jobs.iter_mut().filter(|job| job.is_open()) {
                job.recording.lost_events += lost;
                job.recording.add_gap("lost_events", None, detail);
            }
        }
        let all_known = self.source.as_ref().is_some_and(|source| source.knows_every_process());
        if all_known {
            self.tracer.bury();
        }
        // What those did who have just ended.
        self.serve_source();
        if self.tracer.jobs[0].has_ended() {
            // One that could not become the command has said so before.
            self.exec_settled();
        }
        self.tracer.close_jobs(self.hung_up, all_known);
        if self.all_closed() && !self.is_needless() && !self.detached {
            self.detach();
        }
    }

    /// Leaves the job's process group: from here on only calls are let go on.
    fn detach(&mut self) {
        self.detached = true;
        self.exec_result = None;
        self.inner.close();
        self.tracer.resolver.forget();
        self.tracer.tree = Default::default();
        // SAFETY: a plain system call.
        unsafe { libc::setsid() };
    }

    /// How long to wait at most, in milliseconds.
    fn patience(&self) -> Option<u64> {
        if self.degraded {
            return None;
        }
        self.jobs_patience().into_iter().chain(self.tracer.deaths.patience()).min()
    }

    /// How long until a recording may change without an event.
    fn jobs_patience(&self) -> Option<u64> {
        self.tracer.jobs.iter().filter_map(|job| job.patience()).min()
    }
}
