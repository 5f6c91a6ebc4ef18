//! Waiting for the tracer before a file is destroyed whose digest it may need.

use crate::entry::Kind;
use crate::marks::Mark;
use crate::ring::Ring;
use crate::state::STATE;
use crate::sys::{self, Status};
use core::sync::atomic::Ordering;

const SPINS_BEFORE_YIELDING: u32 = 2000;
const SPINS_A_LOOK: u32 = 50;

/// A file is about to be opened with these flags, or to lose its name (`O_TRUNC`).
pub fn before_destroying(ring: &Ring, open_flags: i32, status: &Status, flags: u16, texts: &[&[u8]]) {
    let header = ring.header();
    if !status.is_file() || status.size > header.preserve_limit.load(Ordering::Relaxed) {
        return;
    }
    let reads = open_flags & sys::O_ACCMODE == sys::O_RDWR && open_flags & sys::O_TRUNC == 0;
    let needed = match ring.marks().of(status.device, status.inode) {
        Some(Mark::Settled) => false,
        Some(Mark::Unread) => reads || header.ask_always.load(Ordering::Relaxed) != 0,
        Some(Mark::Read) | None => true,
    };
    let patience_ms = header.patience_ms.load(Ordering::Relaxed);
    if needed && patience_ms > 0 {
        if let Some((_, end)) = STATE.write(Kind::Destroy, flags, &[open_flags as u64], &[status], texts) {
            wait(ring, end, patience_ms);
        }
    }
}

/// Waits until the tracer has read up to `end`.
fn wait(ring: &Ring, end: u64, patience_ms: u64) {
    let header = ring.header();
    let started = STATE.now_ms();
    let mut spins = 0;
    loop {
        let read = header.read.0.load(Ordering::Acquire);
        if read.wrapping_sub(end) as i64 >= 0 {
            return;
        }
        core::hint::spin_loop();
        spins += 1;
        if spins % SPINS_A_LOOK == 0 && STATE.now_ms().wrapping_sub(started) > patience_ms {
            // A tracer that is gone is waited for less and less; one that is not sets it back.
            header.patience_ms.store(patience_ms / 2, Ordering::Relaxed);
            return;
        }
        if spins > SPINS_BEFORE_YIELDING && !STATE.is_confined() {
            sys::yield_now();
        }
    }
}
