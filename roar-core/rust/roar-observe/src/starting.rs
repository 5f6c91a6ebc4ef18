//! From the command line to the two processes of a run: the tracer, and where it is its own front, that one.

use crate::backend::Backend;
use crate::program::{CANNOT_TRACE, USAGE_STATUS};
use crate::session::{self, Setup};
use roar_launch::arguments::Options;
use roar_launch::signals::{self, SignalState};
use roar_launch::spawn::{self, Side};
use roar_launch::{descriptors, front};

/// Runs the command and writes its report; the exit status.
pub fn trace(options: Options, backend: &mut dyn Backend) -> i32 {
    let signals = SignalState::current();
    signals::keep_children();
    descriptors::fill_standard();
    if let Some(control) = options.control {
        return match descriptors::adopt(control) {
            Ok(control) => finish(Setup { options, signals, control, stand_alone: false }, backend),
            Err(error) => {
                eprintln!("roar-tracer-{}: option `--control`: {error}", backend.name());
                USAGE_STATUS
            }
        };
    }
    let Ok((ours, theirs)) = descriptors::socket_pair() else { return CANNOT_TRACE };
    // SAFETY: this program has one thread.
    match unsafe { spawn::fork(false) } {
        Ok(Side::Child) => {
            drop(ours);
            finish(Setup { options, signals, control: theirs, stand_alone: true }, backend)
        }
        Ok(Side::Parent(tracer)) => {
            drop(theirs);
            front::run(tracer, ours)
        }
        Err(_) => CANNOT_TRACE,
    }
}

fn finish(setup: Setup, backend: &mut dyn Backend) -> i32 {
    match session::run(setup, backend) {
        Ok(()) => 0,
        Err(_) => CANNOT_TRACE,
    }
}
