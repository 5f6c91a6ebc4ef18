//! The ring as a source of events.

use crate::backend::PATIENCE_MS;
use crate::decode::Words;
use crate::events::Worlds;
use crate::pace::Pace;
use crate::reader::Reader;
use roar_observe::apart::Apart;
use roar_observe::backend::Source;
use roar_observe::held;
use roar_observe::tracer::Tracer;
use roar_preload::ring::Ring;
use roar_trace::sys;
use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::sync::atomic::Ordering;

pub struct Events {
    reader: Reader,
    pace: Pace,
    apart: Apart,
    worlds: Worlds,
    /// Open as long as programs may look for them.
    _files: Vec<OwnedFd>,
    /// The child that waits to become the command.
    go: Option<OwnedFd>,
    words: Vec<u64>,
}

impl Events {
    /// The events of a command that starts in `directory`.
    pub fn new(ring: Ring, files: Vec<OwnedFd>, go: OwnedFd, directory: &[u8]) -> io::Result<Events> {
        Ok(Events {
            reader: Reader::new(ring),
            pace: Pace::new()?,
            apart: Apart::default(),
            worlds: Worlds::new(directory),
            _files: files,
            go: Some(go),
            words: Vec::with_capacity(1024),
        })
    }

    fn let_go(&mut self, tracer: &mut Tracer) {
        let Some(go) = self.go.take() else { return };
        for record in tracer.jobs[0].recording.files.in_order() {
            if let (Some(_), Some(before)) = (&record.reading, record.before) {
                self.reader.ring().marks().read_by_number(before.device, before.inode);
            }
        }
        held::let_go(&go);
    }
}

impl Source for Events {
    fn descriptor(&self) -> RawFd {
        self.pace.descriptor()
    }

    fn serve(&mut self, tracer: &mut Tracer) {
        self.let_go(tracer);
        tracer.now_ms = sys::coarse_ms();
        let ring = self.reader.ring();
        let header = ring.header();
        let end = header.taken.0.load(Ordering::Acquire);
        let (mut count, mut process) = (0u64, 0);
        while let Some(position) = self.reader.next(&mut self.words) {
            count += 1;
            if let Some((kind, head, words)) = Words::begin(&self.words) {
                process = head.process;
                self.worlds.places.look = self.reader.looks;
                let understood = self.worlds.take_in(tracer, &ring, position, kind, &head, words);
                self.reader.damaged += u64::from(understood.is_none());
                if kind.is_waited_for() {
                    self.reader.publish();
                }
            } else {
                self.reader.damaged += 1;
            }
            if count.is_multiple_of(256) {
                self.reader.free();
                if self.reader.has_passed(end) {
                    break;
                }
            }
        }
        self.reader.free();
        self.reader.rewind();
        self.reader.publish();
        header.patience_ms.store(PATIENCE_MS, Ordering::Relaxed);
        let lost = self.reader.take_lost() + self.worlds.take_lost();
        if lost > 0 {
            let detail = "the ring was full, or a program was stopped while it wrote";
            for job in tracer.jobs.iter_mut().filter(|job| job.is_open()) {
                job.recording.lost_events = job.recording.lost_events.saturating_add(lost);
                job.recording.add_gap("lost_events", None, detail);
            }
        }
        self.worlds.images.conclude(tracer);
        if count > 0 {
            tracer.deaths.put_off(tracer.now_ms);
        }
        self.apart.took_in(count, process as i32);
        self.pace.next(count > 0);
    }

    fn adopt(&mut self, tracer: &mut Tracer, process: i32, image: u64) {
        self.serve(tracer);
        // What is read below a filter is not marked as read.
        self.reader.ring().header().ask_always.store(1, Ordering::Relaxed);
        self.worlds.images.learn(tracer, process, image);
    }

    fn knows_every_process(&self) -> bool {
        true
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // Nobody is to wait for a tracer that has gone.
        self.reader.ring().header().patience_ms.store(0, Ordering::Relaxed);
    }
}
