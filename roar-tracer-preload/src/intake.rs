//! From the ring to the record, in one go.

use crate::decode::Words;
use crate::events::Worlds;
use crate::reader::Reader;
use roar_observe::tracer::Tracer;
use roar_preload::ring::Ring;
use roar_trace::sys;
use std::sync::atomic::Ordering;

/// How long a process waits for a file to be digested before it destroys it.
pub const PATIENCE_MS: u64 = 2000;

pub struct Intake {
    pub reader: Reader,
    pub worlds: Worlds,
    words: Vec<u64>,
}

impl Intake {
    /// The events of a command that starts in `directory`.
    pub fn new(ring: Ring, directory: &[u8]) -> Intake {
        Intake { reader: Reader::new(ring), worlds: Worlds::new(directory), words: Vec::with_capacity(1024) }
    }

    /// Marks what the command inherits and may read, before it runs.
    pub fn mark_inherited(&self, tracer: &Tracer) {
        for record in tracer.jobs[0].recording.files.in_order() {
            if let (Some(_), Some(before)) = (&record.reading, record.before) {
                self.reader.ring().marks().read_by_number(before.device, before.inode);
            }
        }
    }

    /// Takes in all that is in the ring: how many events, and whose the last one was.
    pub fn take_in(&mut self, tracer: &mut Tracer) -> (u64, u32) {
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
        (count, process)
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        // Nobody is to wait for a tracer that has gone.
        self.reader.ring().header().patience_ms.store(0, Ordering::Relaxed);
    }
}
