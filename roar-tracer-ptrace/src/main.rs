//! roar-tracer-ptrace: observes what a command reads and writes through calls that a seccomp filter catches.
#![cfg_attr(not(test), no_main)]

use anyhow::Context;
use roar_launch::arguments::Options;
use roar_launch::command::Command;
use roar_launch::probe::Availability;
use roar_launch::signals::SignalState;
use roar_observe::backend::Backend;
use roar_observe::guardian::InFlight;
use roar_observe::launch::{self, Started};
use roar_observe::{mode, probe, program};

struct Ptrace;

impl Backend for Ptrace {
    fn name(&self) -> &'static str {
        "ptrace"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn probe(&self) -> (Availability, Option<&'static str>) {
        probe::availability()
    }

    fn start(
        &mut self,
        command: Command,
        signals: &SignalState,
        options: &Options,
        in_flight: &InFlight,
    ) -> anyhow::Result<Started> {
        let modes = mode::candidates(options.mode);
        launch::start(command, signals, modes, in_flight).context("cannot make the command's process")
    }
}

#[cfg_attr(not(test), no_mangle)]
#[cfg_attr(test, allow(dead_code))]
extern "C" fn main(count: libc::c_int, words: *const *const libc::c_char) -> libc::c_int {
    // SAFETY: these are the arguments of the C `main`.
    unsafe { program::main(count, words, &mut Ptrace) }
}
