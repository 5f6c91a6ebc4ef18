//! Starting the command with the library in it.

use crate::entering;
use crate::intake::PATIENCE_MS;
use crate::life;
use crate::memory;
use crate::source::Events;
use anyhow::Context;
use roar_launch::arguments::Options;
use roar_launch::command::Command;
use roar_launch::nested::Front;
use roar_launch::probe::Availability;
use roar_launch::signals::SignalState;
use roar_observe::backend::Backend;
use roar_observe::guardian::InFlight;
use roar_observe::held;
use roar_observe::launch::Started;
use roar_observe::mode;
use roar_preload::environment::TRACER;
use roar_preload::ring::{Ring, HEADER_BYTES};
use roar_preload::state::STATE;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::Ordering;

pub struct Preload;

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
        (Availability { usable: true, ..Availability::default() }, None)
    }

    fn start(
        &mut self,
        command: Command,
        signals: &SignalState,
        options: &Options,
        in_flight: &InFlight,
    ) -> anyhow::Result<Started> {
        let library = memory::library().context("cannot keep the library in memory")?;
        let (ring_file, ring) = memory::ring(options.ring_bytes).context("cannot make the ring")?;
        let header = ring.header();
        header.preserve_limit.store(options.preserve_limit, Ordering::Relaxed);
        header.patience_ms.store(PATIENCE_MS, Ordering::Relaxed);
        let filter_static = options.filter_static && !mode::needs_attaching();
        header.filter_static.store(filter_static.into(), Ordering::Relaxed);
        // SAFETY: plain system calls.
        let (group, front) = unsafe { (libc::getegid(), libc::getppid()) };
        let front = Front::of(front);
        header.tracer_user.store(front.user.into(), Ordering::Relaxed);
        header.tracer_group.store(group.into(), Ordering::Relaxed);
        header.tracer_is_powerful.store(mode::may_look_at_all().into(), Ordering::Relaxed);
        header.front_namespace.store(front.namespace, Ordering::Relaxed);
        header.front.store(front.process as u64, Ordering::Relaxed);
        let descriptor = |file: &OwnedFd| file.as_raw_fd() as u64;
        TRACER.set(std::process::id().into(), descriptor(&library), descriptor(&ring_file));
        TRACER.describe_library(&ring);
        life::announce(header);
        let (process, child) =
            held::fork(command, signals, in_flight, |command| become_observed(command, ring))?;
        let directory = std::env::current_dir().unwrap_or_default();
        let go = child.try_clone()?;
        let source = Events::new(ring, vec![library, ring_file], go, directory.as_os_str().as_bytes())?;
        Ok(Started { process, source: Some(Box::new(source)), exec_result: child, filtering: None })
    }
}

/// In the child: becomes the command with the library in it.
fn become_observed(command: Command, ring: Ring) -> i32 {
    let bytes = HEADER_BYTES + ring.data_bytes() as usize;
    STATE.use_ring(std::ptr::from_ref(ring.header()).cast_mut().cast(), bytes);
    entering::become_command(command)
}
