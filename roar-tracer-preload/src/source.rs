//! The ring as a source of events.

use crate::intake::Intake;
use crate::pace::Pace;
use roar_observe::apart::Apart;
use roar_observe::backend::Source;
use roar_observe::held;
use roar_observe::tracer::Tracer;
use roar_preload::ring::Ring;
use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::sync::atomic::Ordering;

pub struct Events {
    intake: Intake,
    pace: Pace,
    apart: Apart,
    /// Open as long as programs may look for them.
    _files: Vec<OwnedFd>,
    /// The child that waits to become the command.
    go: Option<OwnedFd>,
}

impl Events {
    /// The events of a command that starts in `directory`.
    pub fn new(ring: Ring, files: Vec<OwnedFd>, go: OwnedFd, directory: &[u8]) -> io::Result<Events> {
        Ok(Events {
            intake: Intake::new(ring, directory),
            pace: Pace::new()?,
            apart: Apart::default(),
            _files: files,
            go: Some(go),
        })
    }

    fn let_go(&mut self, tracer: &mut Tracer) {
        let Some(go) = self.go.take() else { return };
        self.intake.mark_inherited(tracer);
        held::let_go(&go);
    }
}

impl Source for Events {
    fn descriptor(&self) -> RawFd {
        self.pace.descriptor()
    }

    fn serve(&mut self, tracer: &mut Tracer) {
        self.let_go(tracer);
        let (count, process) = self.intake.take_in(tracer);
        if count > 0 {
            tracer.deaths.put_off(tracer.now_ms);
        }
        self.apart.took_in(count, process as i32);
        self.pace.next(count > 0);
    }

    fn adopt(&mut self, tracer: &mut Tracer, process: i32, image: u64) {
        self.serve(tracer);
        // What is read below a filter is not marked as read.
        self.intake.reader.ring().header().ask_always.store(1, Ordering::Relaxed);
        self.intake.worlds.images.learn(tracer, process, image);
    }

    fn knows_every_process(&self) -> bool {
        true
    }
}
