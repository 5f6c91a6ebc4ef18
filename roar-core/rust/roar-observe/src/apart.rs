//! Keeping off the processor that the job works on.
//!
//! A tracer that takes events in from time to time was forked beside the job, and each time it stops the job there. A
//! scheduler that takes a virtual machine's halted processors for busy ones leaves it so for tens of milliseconds.

use crate::procfs;
use roar_trace::processors;

/// Events at a time that are worth a move.
const MANY: u64 = 32;
/// How many such times pass between two looks at where the job is.
const PAUSE: u32 = 16;

#[derive(Default)]
pub struct Apart {
    times: u32,
}

impl Apart {
    /// So many events have been taken in, the last of which was `process`'s: goes elsewhere if that one waits for this
    /// thread's processor.
    pub fn took_in(&mut self, events: u64, process: i32) {
        if events < MANY {
            return;
        }
        let is_due = self.times.is_multiple_of(PAUSE);
        self.times = self.times.wrapping_add(1);
        if is_due {
            let here = processors::current();
            if here.is_some() && procfs::processor_wanted(process) == here {
                processors::leave(here);
            }
        }
    }
}
