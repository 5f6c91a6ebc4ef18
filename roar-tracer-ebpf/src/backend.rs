//! Starting the command as a process that is followed from its first moment.

use crate::availability;
use crate::kernel::Kernel;
use crate::privileges;
use crate::source::Events;
use anyhow::Context;
use roar_launch::arguments::Options;
use roar_launch::command::Command;
use roar_launch::probe::Availability;
use roar_launch::signals::SignalState;
use roar_observe::backend::Backend;
use roar_observe::guardian::InFlight;
use roar_observe::held;
use roar_observe::launch::Started;

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
        in_flight: &InFlight,
    ) -> anyhow::Result<Started> {
        let mut kernel = Kernel::load(options.ring_bytes)?;
        privileges::drop_those_for_loading();
        let (process, child) = held::fork(command, signals, in_flight, Command::exec)?;
        kernel.track(process).context("cannot follow the command")?;
        let source = Events::new(kernel, child.try_clone()?)?;
        Ok(Started { process, source: Some(Box::new(source)), exec_result: child, filtering: None })
    }
}
