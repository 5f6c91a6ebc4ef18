//! What a tracer program adds to what all of them do.

use crate::guardian::InFlight;
use crate::launch::Started;
use crate::tracer::Tracer;
use roar_launch::arguments::Options;
use roar_launch::command::Command;
use roar_launch::probe::Availability;
use roar_launch::signals::SignalState;
use std::os::fd::RawFd;

/// A way to start a command so that it is observed.
pub trait Backend {
    /// The tracer's name, as in `roar-tracer-NAME`.
    fn name(&self) -> &'static str;

    fn version(&self) -> &'static str;

    /// What a report without gaps says: `kernel` or `libc` (docs/report-format.md).
    fn level(&self) -> &'static str {
        "kernel"
    }

    /// Whether it can work here, and in which mode.
    fn probe(&self) -> (Availability, Option<&'static str>);

    /// Forks the command as a child of the front; it waits before its exec, observed. Once `in_flight` knows the job, it
    /// goes on even if its tracer has died.
    fn start(
        &mut self,
        command: Command,
        signals: &SignalState,
        options: &Options,
        in_flight: &InFlight,
    ) -> anyhow::Result<Started>;
}

/// Where events come from besides the calls that a filter catches. Served by the one thread of the event loop.
pub trait Source {
    /// Readable when there may be something to take in.
    fn descriptor(&self) -> RawFd;

    /// Takes in all that has happened until now.
    fn serve(&mut self, tracer: &mut Tracer);

    /// A process comes under a filter, which has been running the image that the source knows by this number.
    fn adopt(&mut self, _tracer: &mut Tracer, _process: i32, _image: u64) {}

    /// Whether every process of the job is in the tree once that has been done, so that none need be looked for.
    fn knows_every_process(&self) -> bool {
        false
    }
}
