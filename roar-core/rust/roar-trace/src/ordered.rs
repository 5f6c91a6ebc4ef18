//! Pieces of work done by several threads, whose results are used one after the other.

use crate::processors;
use hashbrown::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How many pieces may be done that cannot be used yet.
const MOST_WAITING: usize = 64;
const MOST_THREADS: usize = 4;
const PAUSE: Duration = Duration::from_millis(1);

/// Does the pieces from 0 up to `total`, and hands their results to `take` in that order, until it fails.
///
/// `worker` is asked once by each thread for what does a piece. This thread works as well, and hardly ever waits: who is
/// woken up in a virtual machine is put beside the thread that woke it.
pub fn each<R: Send, W: FnMut(usize) -> R, E>(
    total: usize,
    worker: impl Fn() -> W + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let (next, taken) = (&AtomicUsize::new(0), &AtomicUsize::new(0));
    let (sender, receiver) = mpsc::channel();
    let here = processors::current();
    let worker = &worker;
    thread::scope(|scope| {
        for _ in 1..total.min(processors::count()).min(MOST_THREADS) {
            let sender = sender.clone();
            let work = move || {
                processors::leave(here);
                let mut work_on = worker();
                while let Some(piece) = claim(next, total) {
                    while piece >= taken.load(Relaxed) + MOST_WAITING {
                        thread::sleep(PAUSE);
                    }
                    if sender.send((piece, work_on(piece))).is_err() {
                        return;
                    }
                }
            };
            // What a thread that can't be had would have done is done by the others.
            drop(thread::Builder::new().spawn_scoped(scope, work));
        }
        drop(sender);
        let mut work_on = worker();
        let mut waiting = HashMap::new();
        let mut taking = || {
            for piece in 0..total {
                let result = loop {
                    waiting.extend(receiver.try_iter());
                    if let Some(result) = waiting.remove(&piece) {
                        break result;
                    }
                    if waiting.len() < MOST_WAITING {
                        if let Some(own) = claim(next, total) {
                            waiting.insert(own, work_on(own));
                            continue;
                        }
                    }
                    match receiver.recv() {
                        Ok((other, result)) => drop(waiting.insert(other, result)),
                        Err(_) => break work_on(piece), // its thread is gone
                    }
                };
                take(result)?;
                taken.store(piece + 1, Relaxed);
            }
            Ok(())
        };
        let outcome = taking();
        next.store(total, Relaxed);
        taken.store(total, Relaxed);
        outcome
    })
}

fn claim(next: &AtomicUsize, total: usize) -> Option<usize> {
    Some(next.fetch_add(1, Relaxed)).filter(|&piece| piece < total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(total: usize, work: impl Fn(usize) + Sync, last: usize) -> (Result<(), usize>, Vec<usize>) {
        let mut seen = Vec::new();
        let worker = || {
            |piece| {
                work(piece);
                piece
            }
        };
        let outcome = each(total, worker, |piece| {
            seen.push(piece);
            if piece == last {
                Err(piece)
            } else {
                Ok(())
            }
        });
        (outcome, seen)
    }

    #[test]
    fn test_results_come_in_order_however_long_each_piece_takes() {
        for total in [0, 1, 2, 500] {
            let slow = |piece: usize| thread::sleep(Duration::from_micros((piece as u64 * 7919) % 300));
            assert_eq!(taken(total, slow, usize::MAX), (Ok(()), (0..total).collect()));
        }
    }

    #[test]
    fn test_a_slow_piece_holds_the_others_back() {
        let done = AtomicUsize::new(0);
        let (outcome, seen) = taken(
            1000,
            |piece| {
                if piece == 0 {
                    thread::sleep(Duration::from_millis(30));
                    assert!(done.load(Relaxed) <= MOST_WAITING + MOST_THREADS);
                }
                done.fetch_add(1, Relaxed);
            },
            usize::MAX,
        );
        assert_eq!((outcome, seen.len()), (Ok(()), 1000));
    }

    #[test]
    fn test_nothing_more_is_done_after_a_failure() {
        let done = AtomicUsize::new(0);
        let work = |_| {
            done.fetch_add(1, Relaxed);
        };
        let (outcome, seen) = taken(100_000, work, 10);
        assert_eq!((outcome, seen), (Err(10), (0..=10).collect()));
        assert!(done.into_inner() <= 11 + MOST_WAITING + MOST_THREADS);
    }
}
