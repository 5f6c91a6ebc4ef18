//! The `main` of a tracer program.

use crate::backend::Backend;
use crate::starting;
use anyhow::Context;
use roar_launch::arguments::{self, Options, Request};
use roar_launch::report_file;
use roar_trace::report::{Header, Report};
use roar_trace::sys;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// The C library that tracers are linked with (musl) gives every larger piece of memory back at once, and each that comes
/// anew costs a system call and a fault for every page.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

pub(crate) const USAGE_STATUS: i32 = 2;
pub(crate) const CANNOT_TRACE: i32 = 125;

/// Which tracer a report comes from.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    pub name: &'static str,
    pub version: &'static str,
    /// The level of a report without gaps.
    pub level: &'static str,
}

impl Program {
    /// The report of a run that starts now in this directory; `replace`: an old one may be replaced.
    pub fn start_report(self, options: &Options, replace: bool) -> anyhow::Result<Report<File>> {
        let file = report_file::create(&options.report, replace)
            .with_context(|| format!("cannot create the report: `{}`", options.report.display()))?;
        let directory = std::env::current_dir().map(|path| path.into_os_string()).unwrap_or_default();
        let header = Header {
            tracer: self.name,
            version: self.version,
            arguments: &options.command,
            directory: directory.as_bytes(),
            started_ns: sys::now_ns(),
        };
        Report::start(file, &header).context("cannot write the report")
    }
}

/// Runs a tracer program; its exit status. To be called by a C `main`: Rust's own would ignore SIGPIPE and reopen closed
/// standard descriptors, which are the job's.
///
/// # Safety
/// `words` are the `count` NUL-terminated arguments that a C `main` gets.
pub unsafe fn main(count: libc::c_int, words: *const *const libc::c_char, backend: &mut dyn Backend) -> i32 {
    let arguments: Vec<Vec<u8>> = (1..count.max(1) as usize)
        // SAFETY: as the caller promises.
        .map(|index| unsafe { std::ffi::CStr::from_ptr(*words.add(index)) }.to_bytes().to_vec())
        .collect();
    // A panic is answered by passing everything on, not by text on the job's terminal.
    std::panic::set_hook(Box::new(|_| {}));
    catch_unwind(AssertUnwindSafe(|| run(&arguments, backend))).unwrap_or(CANNOT_TRACE)
}

fn run(arguments: &[Vec<u8>], backend: &mut dyn Backend) -> i32 {
    let (name, version) = (backend.name(), backend.version());
    match arguments::parse(arguments) {
        Ok(Request::Probe) => {
            let (availability, mode) = backend.probe();
            println!("{}", availability.to_json(version, mode));
        }
        Ok(Request::Help) => print!("{}", usage(name)),
        Ok(Request::Version) => println!("roar-tracer-{name} {version}"),
        Ok(Request::Run(options)) => return starting::trace(*options, backend),
        Err(error) => {
            eprint!("roar-tracer-{name}: {error}\n{}", usage(name));
            return USAGE_STATUS;
        }
    }
    0
}

fn usage(name: &str) -> String {
    arguments::USAGE.replace("PROGRAM", &format!("roar-tracer-{name}"))
}
