//! The ring as a source of events.

use crate::folder::Folder;
use crate::intake::Intake;
use crate::pace::Pace;
use roar_observe::backend::Source;
use roar_observe::tracer::Tracer;
use roar_preload::ring::Ring;
use std::time::Duration;

pub struct Events {
    intake: Intake,
    pace: Pace,
    /// There as long as programs may look for what is in it.
    _folder: Folder,
}

impl Events {
    /// The events of a command that starts in `directory`.
    pub fn new(ring: Ring, folder: Folder, directory: &[u8]) -> Events {
        Events { intake: Intake::new(ring, directory), pace: Pace::new(), _folder: folder }
    }
}

impl Source for Events {
    fn begin(&mut self, tracer: &mut Tracer) {
        self.intake.mark_inherited(tracer);
    }

    fn serve(&mut self, tracer: &mut Tracer) -> Duration {
        let (count, _) = self.intake.take_in(tracer);
        self.pace.next(count > 0)
    }
}
