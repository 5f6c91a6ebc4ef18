//! From the command line to the two processes of a run: the one that becomes the command, and where the tracer is its own
//! front, that one.

use crate::backend::Backend;
use crate::held;
use crate::program::{CANNOT_TRACE, USAGE_STATUS};
use crate::session::{self, Setup};
use roar_launch::arguments::Options;
use roar_launch::signals::{self, SignalState};
use roar_launch::{descriptors, front};

/// Runs the command and writes its report; the exit status.
pub fn trace(options: Options, backend: &mut dyn Backend) -> i32 {
    let signals = SignalState::current();
    signals::keep_children();
    descriptors::fill_standard();
    if let Some(control) = options.control {
        return match descriptors::adopt(control) {
            Ok(control) => session::run(Setup { options, signals, control, stand_alone: false }, backend),
            Err(error) => {
                eprintln!("roar-tracer-{}: option `--control`: {error}", backend.name());
                USAGE_STATUS
            }
        };
    }
    let Ok((ours, theirs)) = descriptors::socket_pair() else { return CANNOT_TRACE };
    match held::fork() {
        Ok(0) => {
            drop(ours);
            session::run(Setup { options, signals, control: theirs, stand_alone: true }, backend)
        }
        Ok(process) => {
            drop(theirs);
            front::run(process, ours)
        }
        Err(_) => CANNOT_TRACE,
    }
}
