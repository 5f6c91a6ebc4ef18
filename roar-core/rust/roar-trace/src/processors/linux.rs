//! Where a thread runs, and moving it.

use std::mem::MaybeUninit;

/// The processor that this thread runs on, if that is known.
pub fn current() -> Option<usize> {
    // SAFETY: a plain question to the kernel.
    usize::try_from(unsafe { libc::sched_getcpu() }).ok()
}

/// Moves this thread to another processor than `processor`, if that is known and it may run on any; it is free to come
/// back.
///
/// In a virtual machine a halted processor counts as taken, and a scheduler that avoids those leaves a new thread beside
/// its maker for tens of milliseconds.
pub fn leave(processor: Option<usize>) {
    const SIZE: usize = size_of::<libc::cpu_set_t>();
    let Some(processor) = processor.filter(|&number| number < 8 * SIZE) else { return };
    let mut allowed = MaybeUninit::<libc::cpu_set_t>::zeroed();
    // SAFETY: the pointer is to a set of this size, for which all zeros is the empty one; 0 is this thread.
    if unsafe { libc::sched_getaffinity(0, SIZE, allowed.as_mut_ptr()) } < 0 {
        return;
    }
    // SAFETY: filled by the call above.
    let allowed = unsafe { allowed.assume_init() };
    let mut others = allowed;
    // SAFETY: the number lies within the set. Where no processor is left, the first call fails and nothing changes.
    unsafe {
        libc::CPU_CLR(processor, &mut others);
        if libc::sched_setaffinity(0, SIZE, &others) == 0 {
            libc::sched_setaffinity(0, SIZE, &allowed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::count;
    use super::*;

    fn allowed() -> Vec<usize> {
        // SAFETY: as in `leave`.
        unsafe {
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            assert_eq!(libc::sched_getaffinity(0, size_of_val(&set), &mut set), 0);
            (0..8 * size_of_val(&set)).filter(|&processor| libc::CPU_ISSET(processor, &set)).collect()
        }
    }

    #[test]
    fn test_a_thread_that_left_a_processor_may_run_on_the_same_ones_as_before() {
        let before = allowed();
        assert_eq!(count(), before.len());
        for &processor in &before {
            leave(Some(processor));
            assert_eq!(allowed(), before);
        }
        leave(Some(usize::MAX));
        assert_eq!(allowed(), before);
        assert!(before.contains(&current().unwrap()));
    }

    #[test]
    fn test_a_thread_with_a_single_processor_stays_there() {
        let only = current().unwrap();
        // SAFETY: as in `leave`. The test has a thread of its own.
        unsafe {
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            libc::CPU_SET(only, &mut set);
            assert_eq!(libc::sched_setaffinity(0, size_of_val(&set), &set), 0);
        }
        leave(Some(only));
        assert_eq!((allowed(), current()), (vec![only], Some(only)));
    }
}
