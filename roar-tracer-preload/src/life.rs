//! A word in the ring that tells programs whether the tracer lives: the kernel changes it when the tracer's thread ends,
//! by SIGKILL as well, as it does for the mutexes that a thread holds (robust futexes, get_robust_list(2)).

use roar_preload::ring::Header;
use std::sync::atomic::Ordering;

/// `struct robust_list_head` of the kernel, with the one element of its list.
#[repr(C)]
struct List {
    next: *const Element,
    /// From an element to its word.
    offset: libc::c_long,
    pending: *const Element,
    element: Element,
}

#[repr(C)]
struct Element {
    next: *const List,
}

/// Has the end of this thread, which is to be the process's first one, noted in the header. Where the kernel does not take
/// that, the word stays 0, and programs look for the tracer in /proc each time.
pub fn announce(header: &'static Header) {
    let word = header.tracer_thread.as_ptr();
    let list = Box::into_raw(Box::new(List {
        next: std::ptr::null(),
        offset: 0,
        pending: std::ptr::null(),
        element: Element { next: std::ptr::null() },
    }));
    // SAFETY: the list was made just now, and is never freed; the word stays as long as the ring, which is never unmapped.
    // The C library registers lists of its own for robust mutexes, which nothing here has.
    let taken = unsafe {
        let element = std::ptr::addr_of!((*list).element);
        (*list).offset = word as libc::c_long - element as libc::c_long;
        (*list).next = element;
        (*list).element.next = list;
        libc::syscall(libc::SYS_set_robust_list, list, 3 * size_of::<usize>())
    };
    if taken == 0 {
        // SAFETY: a plain system call.
        let thread = unsafe { libc::syscall(libc::SYS_gettid) };
        header.tracer_thread.store(thread as u32, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use roar_preload::ring::LEAST_BYTES;

    #[test]
    fn test_word_tells_of_the_end_of_the_thread() {
        let (_, ring) = crate::memory::ring(LEAST_BYTES as u64).unwrap();
        let header = ring.header();
        assert!(!header.tracer_lives());
        let lived = std::thread::spawn(|| {
            super::announce(header);
            header.tracer_lives()
        });
        assert!(lived.join().unwrap());
        // Its end is noted after it can be joined.
        while header.tracer_lives() {
            std::thread::yield_now();
        }
    }
}
