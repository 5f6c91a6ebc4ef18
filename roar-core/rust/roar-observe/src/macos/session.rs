//! One run from its start to the last of its processes.

use crate::backend::Backend;
use crate::deaths::Deaths;
use crate::held::{self, Known};
use crate::inherit;
use crate::job::{Job, JobOptions};
use crate::program::{Program, CANNOT_TRACE};
use crate::service::Service;
use crate::tracer::Tracer;
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
use std::os::unix::net::UnixStream;

pub struct Setup {
    pub options: Options,
    pub signals: SignalState,
    pub control: OwnedFd,
    /// A front of our own making: an old report may be replaced.
    pub stand_alone: bool,
}

/// Leaves the tracer behind and becomes the command. What returns is the tracer, with its exit status, or a process that
/// could do neither.
pub fn run(setup: Setup, backend: &mut dyn Backend) -> i32 {
    match divide(&setup) {
        Ok((Side::Tracer(process), command, known)) => match trace(setup, process, command, known, backend) {
            Ok(()) => 0,
            Err(_) => CANNOT_TRACE,
        },
        Ok((Side::Command(command), tracer, known)) => {
            let Setup { options, signals, control, .. } = setup;
            drop(control);
            drop(options.lock.map(descriptors::adopt));
            held::become_command(tracer, command, &signals, known, backend)
        }
        Err(error) => {
            Control::new(setup.control).failed(&format!("cannot make the tracer's process: {error:#}"), None);
            CANNOT_TRACE
        }
    }
}

/// Which of the two processes this is.
enum Side {
    /// The command's process is the one of this id.
    Tracer(i32),
    Command(Command),
}

/// Makes two processes of one, with a socket between them.
fn divide(setup: &Setup) -> anyhow::Result<(Side, UnixStream, Known)> {
    let command = Command::new(&setup.options.command).context("the command has a NUL byte")?;
    let known = Known::new()?;
    let (ours, theirs) = descriptors::socket_pair()?;
    let process = std::process::id() as i32;
    if held::leave_behind()? {
        drop(theirs);
        return Ok((Side::Tracer(process), UnixStream::from(ours), known));
    }
    drop(ours);
    Ok((Side::Command(command), UnixStream::from(theirs), known))
}

/// Observes the command and writes its report. The front is told of a failure before the command is started.
fn trace(
    setup: Setup,
    process: i32,
    command: UnixStream,
    known: Known,
    backend: &mut dyn Backend,
) -> anyhow::Result<()> {
    let refused = Control::new(setup.control.try_clone()?);
    match prepare(setup, process, command, known, backend) {
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

fn prepare(
    setup: Setup,
    process: i32,
    mut command: UnixStream,
    known: Known,
    backend: &mut dyn Backend,
) -> anyhow::Result<Service> {
    let Setup { options, control, stand_alone, .. } = setup;
    let lock =
        options.lock.map(descriptors::adopt).transpose().context("the lock's descriptor is not open")?;
    // Before anything of ours is opened: what is open now is the command's.
    let inherited = inherit::descriptors();
    let program = Program { name: backend.name(), version: backend.version(), level: backend.level() };
    let report = program.start_report(&options, stand_alone)?;
    let deaths = Deaths::new().context("cannot make a kernel queue")?;
    signals::watch(&deaths.queue, &signals::WITNESSED)?;
    signals::ignore_stops();
    descriptors::raise_limit();
    let mut source = backend.prepare(&options)?;
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
        jobs: vec![Job::new(process, Some(report), job_options)],
        deaths,
        ignore: options.ignore,
        now_ms: sys::coarse_ms(),
    };
    tracer.jobs[0].recording.passes_over_inputs = options.passes_over_inputs;
    tracer.adopt_root(process, 0).context("the command's process has gone")?;
    tracer.look_at_inherited(&inherited);
    descriptors::release(&inherited);
    source.begin(&mut tracer);
    held::wait_until_ready(&mut command).context("the command's process cannot be observed")?;
    tracer.jobs[0].control.started(process, || known.set());
    held::let_go(&mut command);
    let name = options.command.into_iter().next().unwrap_or_default();
    Service::new(tracer, source, command, name)
}
