//! One recording and all that belongs to it: report, front, root process.

use roar_launch::arguments::WaitFor;
use roar_launch::control::Control;
use roar_launch::outcome::Outcome;
use roar_trace::report::{End, Report};
use roar_trace::{Directories, Recording};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

/// How far a recording has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Running,
    /// The command has gone, at this time (milliseconds); descendants may live.
    Ended(u64),
    Closed,
}

pub struct Job {
    pub recording: Recording,
    report: Option<Report<File>>,
    pub root: i32,
    pub wait: WaitFor,
    pub stage: Stage,
    pub outcome: Option<Outcome>,
    pub ended_ns: u64,
    pub control: Control,
    pub lock: Option<OwnedFd>,
    pub preserve_limit: u64,
    pub keep: Option<PathBuf>,
    pub uid: Option<String>,
    pub front_lost: bool,
}

pub struct JobOptions {
    pub wait: WaitFor,
    pub control: Control,
    pub lock: Option<OwnedFd>,
    pub preserve_limit: u64,
    pub keep: Option<PathBuf>,
    pub uid: Option<String>,
}

impl Job {
    pub fn new(root: i32, report: Option<Report<File>>, options: JobOptions) -> Job {
        Job {
            recording: Recording::default(),
            report,
            root,
            wait: options.wait,
            stage: Stage::Running,
            outcome: None,
            ended_ns: 0,
            control: options.control,
            lock: options.lock,
            preserve_limit: options.preserve_limit,
            keep: options.keep,
            uid: options.uid,
            front_lost: false,
        }
    }

    /// The command has gone, its report is not closed yet.
    pub fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended(_))
    }

    pub fn is_open(&self) -> bool {
        self.stage != Stage::Closed
    }

    /// Notes a run inside this run.
    pub fn add_inner(&mut self, process: Option<u32>, uid: &str) {
        let written = self.report.as_mut().map(|report| report.job(process, uid));
        if let Some(Err(error)) = written {
            self.give_up_report(&format!("cannot write the report: {error}"));
        }
    }

    /// The report can't be completed. The job goes on; a report without an end is a damaged one.
    pub fn give_up_report(&mut self, reason: &str) {
        if self.report.take().is_some() {
            self.control.warning(reason);
        }
    }

    /// Writes the report and tells the front.
    pub fn close(&mut self, directories: &Directories, level: &'static str) {
        self.stage = Stage::Closed;
        let end = End {
            exit_code: self.outcome.and_then(Outcome::exit_code),
            signal: self.outcome.and_then(Outcome::signal),
            ended_ns: self.ended_ns,
            front_lost: self.front_lost,
            level,
        };
        // Without `closed` the front knows that the report is not complete.
        match self.report.take().map(|report| report.close(&self.recording, directories, &end)) {
            Some(Ok(())) => self.control.closed(),
            Some(Err(error)) => self.control.warning(&format!("cannot write the report: {error}")),
            None => {}
        }
        self.recording = Recording::default();
        self.lock = None;
        self.control.close();
    }
}

impl Job {
    /// The command itself has ended.
    pub fn root_ended(&mut self, outcome: Option<Outcome>, now_ns: u64) {
        if self.stage == Stage::Running {
            self.outcome = outcome;
            self.ended_ns = now_ns;
            self.stage = Stage::Ended(roar_trace::sys::coarse_ms());
            self.control.ended(self.root);
        }
    }
}
