//! One run from its start to the last of its processes.

use crate::backend::Backend;
use crate::deaths::Deaths;
use crate::epoll::Quiet;
use crate::executable::Formats;
use crate::guardian::InFlight;
use crate::inherit;
use crate::inner::InnerRuns;
use crate::job::{Job, JobOptions};
use crate::program::Program;
use crate::service::Service;
use crate::tracer::{OwnView, Tracer};
use crate::tree::Tree;
use anyhow::Context;
use roar_launch::arguments::Options;
use roar_launch::command::Command;
use roar_launch::control::Control;
use roar_launch::descriptors;
use roar_launch::signals::{self, SignalState};
use roar_trace::path::Resolver;
use roar_trace::sys;
use std::os::fd::OwnedFd;

pub struct Setup {
    pub options: Options,
    pub signals: SignalState,
    pub control: OwnedFd,
    /// A front of our own making: an old report may be replaced.
    pub stand_alone: bool,
}

/// Runs the command and writes its report. The front is told of a failure before the command is started.
pub fn run(setup: Setup, backend: &mut dyn Backend) -> anyhow::Result<()> {
    let refused = Control::new(setup.control.try_clone()?);
    match prepare(setup, backend) {
        Ok(mut service) => {
            drop(refused);
            service.run();
            Ok(())
        }
        Err(error) => {
            refused.failed(&format!("{error:#}"), None);
            Err(error)
        }
    }
}

fn prepare(setup: Setup, backend: &mut dyn Backend) -> anyhow::Result<Service> {
    let Setup { options, signals, control, stand_alone } = setup;
    let lock =
        options.lock.map(descriptors::adopt).transpose().context("the lock's descriptor is not open")?;
    let command = Command::new(&options.command).context("the command has a NUL byte")?;
    let in_flight = InFlight::new()?;
    let watched = signals::descriptor_for(&[&signals::WITNESSED[..], &[libc::SIGCHLD]].concat())?;
    let mut started = backend.start(command, &signals, &options, &in_flight)?;
    // What follows is done while the command's process makes itself ready.
    let inherited = inherit::descriptors();
    descriptors::make_room();
    signals::ignore_stops();
    descriptors::raise_limit();
    let program = Program { name: backend.name(), version: backend.version(), level: backend.level() };
    let report = program.start_report(&options, stand_alone)?;
    let deaths = Deaths::new()?;
    let quiet = Quiet::new()?;
    // SAFETY: a plain system call.
    let inner = InnerRuns::new(unsafe { libc::getppid() });
    let keep = options.keep.as_deref().map(std::path::absolute).transpose()?;
    // The job's directory is not ours to keep busy.
    std::env::set_current_dir("/")?;
    let job_options = JobOptions {
        wait: options.wait,
        control: Control::new(control),
        lock,
        preserve_limit: options.preserve_limit,
        keep,
        uid: options.uid,
    };
    let mut tracer = Tracer {
        program,
        resolver: Resolver::new(512),
        tree: Tree::default(),
        jobs: vec![Job::new(started.process, Some(report), job_options)],
        deaths,
        own: OwnView::read(),
        formats: Formats::default(),
        ignore: options.ignore,
        stops: None,
        no_new_privileges: false,
        path: Vec::with_capacity(4096),
        now_ms: sys::coarse_ms(),
    };
    tracer.jobs[0].recording.passes_over_inputs = options.passes_over_inputs;
    let view = tracer.own.forked();
    tracer.adopt_root(started.process, 0, Some(view));
    tracer.look_at_inherited(&inherited);
    descriptors::release(&inherited);
    let catching = started.settle().context("cannot install the seccomp filter")?;
    tracer.stops = catching.stops;
    tracer.no_new_privileges = catching.no_new_privileges;
    let service = Service {
        tracer,
        listener: catching.listener,
        _guardian: catching.guardian,
        source: started.source,
        in_flight,
        filtered: Vec::new(),
        signals: watched,
        quiet,
        exec_result: Some(started.exec_result),
        command_name: options.command.into_iter().next().unwrap_or_default(),
        inner,
        hung_up: false,
        degraded: false,
        detached: false,
    };
    service.tracer.jobs[0].control.started(started.process, || service.in_flight.job_is_known());
    Ok(service)
}
