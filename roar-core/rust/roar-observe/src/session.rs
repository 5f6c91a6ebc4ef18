//! One run from its start to the last of its processes.

use crate::backend::Backend;
use crate::deaths::Deaths;
use crate::epoll::Quiet;
use crate::executable::Formats;
use crate::guardian::InFlight;
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
use roar_launch::signals::{self, SignalState};
use roar_launch::{descriptors, report_file};
use roar_trace::path::Resolver;
use roar_trace::report::{Header, Report};
use roar_trace::sys;
use std::os::fd::{AsRawFd, OwnedFd};

pub struct Setup {
    pub options: Options,
    pub signals: SignalState,
    pub control: OwnedFd,
    /// A front of our own making: an old report may be replaced.
    pub stand_alone: bool,
}

/// Runs the command and writes its report. The front is told of a failure before the command is started.
pub fn run(setup: Setup, backend: &mut dyn Backend) -> anyhow::Result<()> {
    let control_number = setup.control.as_raw_fd();
    let refused = Control::new(setup.control.try_clone()?);
    match prepare(setup, control_number, backend) {
        Ok(mut service) => {
            drop(refused);
            service.run();
            service.dismiss_guardian();
            Ok(())
        }
        Err(error) => {
            refused.failed(&format!("{error:#}"), None);
            Err(error)
        }
    }
}

fn prepare(setup: Setup, control: i32, backend: &mut dyn Backend) -> anyhow::Result<Service> {
    let Setup { options, signals, control: control_socket, stand_alone } = setup;
    let lock =
        options.lock.map(descriptors::adopt).transpose().context("the lock's descriptor is not open")?;
    let own = [Some(control), options.lock];
    // Before anything of ours is opened: what is open now is the command's.
    let inherited: Vec<i32> = descriptors::open_descriptors()
        .into_iter()
        .filter(|descriptor| !own.contains(&Some(*descriptor)) && is_inheritable(*descriptor))
        .collect();
    descriptors::make_room();
    // SAFETY: a plain system call.
    let front = unsafe { libc::getppid() };
    let file = report_file::create(&options.report, stand_alone)
        .with_context(|| format!("cannot create the report: `{}`", options.report.display()))?;
    let command = Command::new(&options.command).context("the command has a NUL byte")?;
    let directory = std::env::current_dir().map(|path| path.into_os_string()).unwrap_or_default();
    let program = Program { name: backend.name(), version: backend.version(), level: backend.level() };
    let header = Header {
        tracer: program.name,
        version: program.version,
        arguments: &options.command,
        directory: std::os::unix::ffi::OsStrExt::as_bytes(directory.as_os_str()),
        started_ns: sys::now_ns(),
    };
    let report = Report::start(file, &header).context("cannot write the report")?;
    let in_flight = InFlight::new()?;
    let deaths = Deaths::new()?;
    let quiet = Quiet::new()?;
    let inner = InnerRuns::new(front);
    let watched = signals::descriptor_for(&[&signals::WITNESSED[..], &[libc::SIGCHLD]].concat())?;
    let started = backend.start(command, &signals, &options, &in_flight)?;
    signals::ignore_stops();
    descriptors::raise_limit();
    let keep = options.keep.as_deref().map(std::path::absolute).transpose()?;
    // The job's directory is not ours to keep busy.
    std::env::set_current_dir("/")?;
    let job_options = JobOptions {
        wait: options.wait,
        control: Control::new(control_socket),
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
        stops: started.stops,
        no_new_privileges: started.no_new_privileges,
        path: Vec::with_capacity(4096),
        now_ms: sys::coarse_ms(),
    };
    tracer.jobs[0].recording.passes_over_inputs = options.passes_over_inputs;
    tracer.adopt_root(started.process, 0);
    tracer.look_at_inherited(&inherited);
    descriptors::release(&inherited);
    let mut service = Service {
        tracer,
        listener: started.listener,
        source: started.source,
        in_flight,
        guardian: None,
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
    service.post_guardian();
    service.tracer.jobs[0].control.started(started.process, || service.in_flight.job_is_known());
    Ok(service)
}

/// Whether the descriptor is open and passed on at an exec.
fn is_inheritable(descriptor: i32) -> bool {
    // SAFETY: a plain system call, harmless on numbers that are not open.
    let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFD) };
    flags >= 0 && flags & libc::FD_CLOEXEC == 0
}
