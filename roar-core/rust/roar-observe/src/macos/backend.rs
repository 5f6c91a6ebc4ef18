//! What a tracer program adds on macOS. Its process becomes the command, after it has left the tracer behind: one that makes
//! a child for its own parent is not to be had there.

use crate::tracer::Tracer;
use roar_launch::arguments::Options;
use roar_launch::command::Command;
use roar_launch::probe::Availability;
use std::time::Duration;

/// A way to run a command so that it is observed.
pub trait Backend {
    /// The tracer's name, as in `roar-tracer-NAME`.
    fn name(&self) -> &'static str;

    fn version(&self) -> &'static str;

    /// What a report without gaps says: `kernel` or `libc` (docs/report-format.md).
    fn level(&self) -> &'static str;

    /// Whether it can work here, and in which mode.
    fn probe(&self) -> (Availability, Option<&'static str>);

    /// In the tracer: makes what the command will be observed through.
    fn prepare(&mut self, options: &Options) -> anyhow::Result<Box<dyn Source>>;

    /// In the process that is to become the command: finds what the tracer of that process id has made.
    fn connect(&mut self, tracer: i32) -> bool;

    /// Becomes the command, after `connect`; returns only the error number that says why it could not.
    fn become_command(&mut self, command: Command) -> i32;
}

/// Where events come from. Served by the one thread of the event loop.
pub trait Source {
    /// Takes note of what the command inherits, before it is let go on.
    fn begin(&mut self, tracer: &mut Tracer);

    /// Takes in all that has happened until now; how long it may be left alone.
    fn serve(&mut self, tracer: &mut Tracer) -> Duration;
}
