//! Running the command with the library in it.

use crate::entering;
use crate::folder::Folder;
use crate::intake::PATIENCE_MS;
use crate::memory::{self, LIBRARY_NUMBER, RING_NUMBER};
use crate::outer;
use crate::source::Events;
use anyhow::{bail, Context};
use roar_launch::arguments::{Mode, Options};
use roar_launch::command::Command;
use roar_launch::probe::Availability;
use roar_observe::backend::{Backend, Source};
use roar_preload::environment::TRACER;
use roar_preload::ring::Ring;
use roar_preload::{state, text};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

pub struct Preload;

/// Why a program that was built without Apple's linker can observe nothing.
const NO_LIBRARY: &str = "this program was built without the library that it loads into others";

impl Backend for Preload {
    fn name(&self) -> &'static str {
        "preload"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn level(&self) -> &'static str {
        "libc"
    }

    fn probe(&self) -> (Availability, Option<&'static str>) {
        if memory::LIBRARY.is_empty() {
            let reason = Some(NO_LIBRARY.to_owned());
            let hint = Some("build roar-tracer-preload on macOS, with Xcode's command line tools".to_owned());
            return (Availability { usable: false, reason, hint }, None);
        }
        (Availability { usable: true, ..Availability::default() }, None)
    }

    fn prepare(&mut self, options: &Options) -> anyhow::Result<Box<dyn Source>> {
        if memory::LIBRARY.is_empty() {
            bail!(NO_LIBRARY);
        }
        if options.mode != Mode::Auto {
            bail!("macOS has no filters: option `--mode` can only be `auto`");
        }
        if outer::is_observed() {
            bail!("another run observes this one: runs inside runs cannot be recorded on macOS");
        }
        TRACER.set(std::process::id().into(), LIBRARY_NUMBER, RING_NUMBER);
        let path = folder_path();
        let cannot_make = || format!("cannot make what programs are observed through: `{}`", path.display());
        let folder = Folder::create(&path).with_context(cannot_make)?;
        memory::library(&folder).with_context(cannot_make)?;
        let ring = memory::ring(&folder, options.ring_bytes).with_context(cannot_make)?;
        describe_tracer(&ring, options);
        TRACER.describe_library(&ring);
        let directory = std::env::current_dir().unwrap_or_default();
        Ok(Box::new(Events::new(ring, folder, directory.as_os_str().as_bytes())))
    }

    fn connect(&mut self, tracer: i32) -> bool {
        TRACER.set(tracer as u64, LIBRARY_NUMBER, RING_NUMBER);
        state::open_ring()
    }

    fn become_command(&mut self, command: Command) -> i32 {
        entering::become_command(command)
    }
}

/// The folder in which programs look for the tracer's files.
fn folder_path() -> PathBuf {
    let library = TRACER.library_path();
    // SAFETY: the path ends in a NUL.
    let library = unsafe { text::path(library.as_ptr().cast()) };
    PathBuf::from(OsStr::from_bytes(text::folder(library)))
}

/// Notes in the ring what programs must know of this process. No filter is offered them.
fn describe_tracer(ring: &Ring, options: &Options) {
    let header = ring.header();
    // SAFETY: plain system calls.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    header.preserve_limit.store(options.preserve_limit, Ordering::Relaxed);
    header.patience_ms.store(PATIENCE_MS, Ordering::Relaxed);
    header.tracer_user.store(user.into(), Ordering::Relaxed);
    header.tracer_group.store(group.into(), Ordering::Relaxed);
    header.tracer_is_powerful.store((user == 0).into(), Ordering::Relaxed);
}
