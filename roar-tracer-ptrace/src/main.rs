//! roar-tracer-ptrace: observes what a command reads and writes.
#![cfg_attr(not(test), no_main)]

mod caller;
mod calls;
mod closing;
mod deaths;
mod executable;
mod filter;
mod folder;
mod guardian;
mod handle;
mod images;
mod inherit;
mod inner;
mod job;
mod launch;
mod listener;
mod memory;
mod mode;
mod probe;
mod procfs;
mod service;
mod session;
mod silent;
mod stops;
mod tracer;
mod tree;

use roar_launch::arguments::{self, Options, Request};
use roar_launch::signals::{self, SignalState};
use roar_launch::spawn::{self, Side};
use roar_launch::{descriptors, front};
use session::Setup;

const NAME: &str = "ptrace";
const VERSION: &str = env!("CARGO_PKG_VERSION");
const USAGE_STATUS: i32 = 2;
const CANNOT_TRACE: i32 = 125;

/// The C entry point: Rust's own would ignore SIGPIPE and reopen closed standard descriptors, which are the job's.
#[cfg_attr(not(test), no_mangle)]
#[cfg_attr(test, allow(dead_code))]
extern "C" fn main(count: i32, words: *const *const libc::c_char) -> i32 {
    let arguments: Vec<Vec<u8>> = (1..count.max(1) as usize)
        // SAFETY: the kernel passes `count` NUL-terminated strings.
        .map(|index| unsafe { std::ffi::CStr::from_ptr(*words.add(index)) }.to_bytes().to_vec())
        .collect();
    // A panic is answered by passing everything on, not by text on the job's terminal.
    std::panic::set_hook(Box::new(|_| {}));
    std::panic::catch_unwind(|| run(&arguments)).unwrap_or(CANNOT_TRACE)
}

fn run(arguments: &[Vec<u8>]) -> i32 {
    match arguments::parse(arguments) {
        Ok(Request::Probe) => {
            let (availability, mode) = probe::availability();
            println!("{}", availability.to_json(VERSION, mode));
        }
        Ok(Request::Help) => print!("{}", usage()),
        Ok(Request::Version) => println!("roar-tracer-{NAME} {VERSION}"),
        Ok(Request::Run(options)) => return trace(*options),
        Err(error) => {
            eprint!("roar-tracer-{NAME}: {error}\n{}", usage());
            return USAGE_STATUS;
        }
    }
    0
}

fn usage() -> String {
    arguments::USAGE.replace("PROGRAM", &format!("roar-tracer-{NAME}"))
}

fn trace(options: Options) -> i32 {
    let signals = SignalState::current();
    signals::keep_children();
    descriptors::fill_standard();
    if let Some(control) = options.control {
        return match descriptors::adopt(control) {
            Ok(control) => finish(Setup { options, signals, control, stand_alone: false }),
            Err(error) => {
                eprintln!("roar-tracer-{NAME}: option `--control`: {error}");
                USAGE_STATUS
            }
        };
    }
    let Ok((ours, theirs)) = descriptors::socket_pair() else { return CANNOT_TRACE };
    // SAFETY: this program has one thread.
    match unsafe { spawn::fork(false) } {
        Ok(Side::Child) => {
            drop(ours);
            finish(Setup { options, signals, control: theirs, stand_alone: true })
        }
        Ok(Side::Parent(tracer)) => {
            drop(theirs);
            front::run(tracer, ours)
        }
        Err(_) => CANNOT_TRACE,
    }
}

fn finish(setup: Setup) -> i32 {
    match session::run(setup) {
        Ok(()) => 0,
        Err(_) => CANNOT_TRACE,
    }
}
