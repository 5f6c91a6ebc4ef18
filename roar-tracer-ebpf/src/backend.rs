//! Starting the command as a process that is followed from its first moment.

use crate::availability;
use crate::kernel::Kernel;
use crate::privileges;
use crate::source::Events;
use anyhow::Context;
use roar_launch::arguments::Options;
use roar_launch::command::Command;
use roar_launch::descriptors;
use roar_launch::probe::Availability;
use roar_launch::signals::SignalState;
use roar_launch::spawn::{self, Side};
use roar_observe::backend::Backend;
use roar_observe::launch::{self, Started};
use std::os::fd::{AsRawFd, OwnedFd};

pub struct Ebpf;

impl Backend for Ebpf {
    fn name(&self) -> &'static str {
        "ebpf"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn probe(&self) -> (Availability, Option<&'static str>) {
        (availability::find(), None)
    }

    fn start(
        &mut self,
        command: Command,
        signals: &SignalState,
        options: &Options,
    ) -> anyhow::Result<Started> {
        let mut kernel = Kernel::load(options.ring_bytes)?;
        privileges::drop_those_for_loading();
        let (ours, theirs) = descriptors::socket_pair()?;
        // SAFETY: this program has one thread.
        let process = match unsafe { spawn::fork(true) }? {
            Side::Child => {
                drop(ours);
                run(command, signals, &theirs)
            }
            Side::Parent(process) => process,
        };
        drop(theirs);
        kernel.track(process).context("cannot follow the command")?;
        let source = Events::new(kernel, ours.try_clone()?)?;
        Ok(Started {
            process,
            listener: None,
            stops: None,
            no_new_privileges: false,
            source: Some(Box::new(source)),
            exec_result: ours,
        })
    }
}

/// The child's side: waits to be let go, and becomes the command.
fn run(command: Command, signals: &SignalState, tracer: &OwnedFd) -> ! {
    match spawn::receive(tracer, 1, 0) {
        Ok(message) if !message.bytes.is_empty() => {}
        // SAFETY: ends the child without running the parent's exit handlers.
        _ => unsafe { libc::_exit(125) },
    }
    signals.restore();
    let errno = command.exec();
    launch::tell_not_run(tracer.as_raw_fd(), errno);
    // That it never ran must be known before that it has ended: the tracer hangs up when it has read it.
    let _ = spawn::receive(tracer, 1, 0);
    // SAFETY: as above.
    unsafe { libc::_exit(if errno == libc::ENOENT { 127 } else { 126 }) }
}
