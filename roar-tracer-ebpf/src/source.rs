//! The ring of events, taken in as they come.

use crate::directories::KnownDirectories;
use crate::events;
use crate::held::Held;
use crate::kernel::Kernel;
use crate::members::Members;
use crate::pace::Pace;
use hashbrown::HashMap;
use roar_observe::apart::Apart;
use roar_observe::backend::Source;
use roar_observe::held;
use roar_observe::tracer::Tracer;
use roar_trace::sys;
use std::os::fd::{OwnedFd, RawFd};

/// All that is known of what the kernel has told.
pub struct Events {
    kernel: Kernel,
    pace: Pace,
    apart: Apart,
    /// The command waits for a word on this; then it is gone.
    go: Option<OwnedFd>,
    pub directories: KnownDirectories,
    pub members: Members,
    pub held: Held,
    /// Whether a device's numbers are shown as the kernel keeps them.
    pub plain_devices: HashMap<u32, bool>,
    /// From CLOCK_MONOTONIC to CLOCK_REALTIME.
    pub clock_offset_ns: u64,
    /// How many jobs there were the last time.
    jobs: usize,
    /// Events that could not be understood, because one before them was lost.
    pub missed: u64,
    /// Lost and missed events that the reports have been told of.
    told_lost: u64,
    bytes: Vec<u8>,
}

impl Events {
    /// The events of a command that waits for a word on `go`.
    pub fn new(kernel: Kernel, go: OwnedFd) -> anyhow::Result<Events> {
        Ok(Events {
            kernel,
            pace: Pace::new()?,
            apart: Apart::default(),
            go: Some(go),
            directories: KnownDirectories::default(),
            members: Members::default(),
            held: Held::new(),
            plain_devices: HashMap::new(),
            clock_offset_ns: 0,
            jobs: 0,
            missed: 0,
            told_lost: 0,
            bytes: Vec::new(),
        })
    }

    /// Takes in what is in the ring; whether there was anything.
    fn drain(&mut self, tracer: &mut Tracer) -> bool {
        let (mut count, mut process) = (0, 0);
        let mut bytes = std::mem::take(&mut self.bytes);
        while self.kernel.next(&mut bytes) {
            count += 1;
            match self.take(tracer, &bytes) {
                Some(author) => process = author,
                None => self.missed += 1,
            }
        }
        self.bytes = bytes;
        self.apart.took_in(count, process);
        count > 0
    }

    /// Takes one event in, and gives its process.
    fn take(&mut self, tracer: &mut Tracer, event: &[u8]) -> Option<i32> {
        let (header, body) = events::header(event)?;
        match header.kind {
            events::DIRECTORY => {
                self.directories.add(&events::directory(body)?, &mut tracer.resolver.directories);
            }
            events::OPENED | events::MAPPED => self.opened(tracer, &header, &events::file(body)?),
            events::NAMED => self.named(tracer, &header, &events::named(body)?),
            events::FORKED => self.members.forked(tracer, &header),
            events::EXITED => {
                let time_ns = header.time_ns.wrapping_add(self.clock_offset_ns);
                self.members.exited(tracer, &header, time_ns);
            }
            events::EXECUTED => self.executed(tracer, &header, &events::executed(body)?),
            events::OUT_OF_SIGHT if header.detail == 1 && self.kernel.sees_uring => {}
            events::OUT_OF_SIGHT => {
                let author = self.members.author(tracer, &header)?;
                let detail =
                    "what an io_uring opened without a descriptor, or on a kernel that does not tell";
                tracer.jobs[author.job].recording.add_gap("io_uring", Some(author.line), detail);
            }
            _ => return None,
        }
        Some(header.process)
    }

    /// Tells all open reports of events that were lost since the last time.
    fn account_for_lost(&mut self, tracer: &mut Tracer) {
        let lost = self.kernel.lost() + self.missed;
        let new = lost - self.told_lost;
        if new == 0 {
            return;
        }
        self.told_lost = lost;
        for job in tracer.jobs.iter_mut().filter(|job| job.is_open()) {
            job.recording.lost_events += new;
            let detail = "events came faster than they were taken in";
            job.recording.add_gap("lost_events", None, detail);
        }
        self.members.reconcile(tracer, &self.kernel);
    }

    /// Lets the command go, once all that can be known before has been looked at.
    fn begin(&mut self, tracer: &mut Tracer) {
        for job in &mut tracer.jobs[self.jobs..] {
            job.recording.cannot_stop = true;
        }
        self.jobs = tracer.jobs.len();
        if let Some(go) = self.go.take() {
            held::let_go(&go);
        }
    }
}

impl Source for Events {
    fn descriptor(&self) -> RawFd {
        self.pace.descriptor().unwrap_or_else(|| self.kernel.descriptor())
    }

    fn serve(&mut self, tracer: &mut Tracer) {
        tracer.now_ms = sys::coarse_ms();
        let now_ns = monotonic_ns();
        self.clock_offset_ns = sys::now_ns().wrapping_sub(now_ns);
        let news = self.drain(tracer);
        if self.pace.next(news, now_ns) {
            self.kernel.listen();
            self.drain(tracer);
        }
        self.account_for_lost(tracer);
        self.begin(tracer);
    }

    fn knows_every_process(&self) -> bool {
        true
    }
}

fn monotonic_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}
