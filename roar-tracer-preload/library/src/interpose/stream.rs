//! fopen(3) and freopen(3).

use super::CString;
use crate::before;
use crate::next::Next;
use crate::opening::{self, Path};
use crate::sys::{O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY};
use crate::text;
use core::ffi::{c_int, c_void};

type Stream = *mut c_void;

/// The flags that a mode stands for, as glibc reads it.
unsafe fn flags_of(mode: CString) -> c_int {
    // SAFETY: the caller of fopen passes a string.
    let mode = unsafe { text::bytes(mode, 8) };
    let mut flags = match mode.first() {
        Some(b'w') => O_WRONLY | O_CREAT | O_TRUNC,
        Some(b'a') => O_WRONLY | O_CREAT | O_APPEND,
        _ => O_RDONLY,
    };
    for letter in mode.iter().skip(1).take_while(|&&letter| letter != b',') {
        match letter {
            b'+' => flags = (flags & !O_WRONLY) | O_RDWR,
            b'x' => flags |= O_EXCL,
            _ => {}
        }
    }
    flags
}

fn descriptor(stream: &Stream) -> Option<i32> {
    static FILENO: Next = Next::new("fileno");
    if stream.is_null() {
        return None;
    }
    // SAFETY: the symbol of this name has this signature; the stream is open.
    let number = unsafe {
        let fileno: unsafe extern "C" fn(Stream) -> c_int = core::mem::transmute(FILENO.address());
        fileno(*stream)
    };
    (number >= 0).then_some(number)
}

macro_rules! opens {
    ($($name:ident),*) => { $(
        before! { next: fn $name(path: CString, mode: CString) -> Stream {
            opening::open(Path::here(path), flags_of(mode), || next(path, mode), descriptor)
        }}
    )* };
}
opens!(fopen, fopen64);

macro_rules! reopens {
    ($($name:ident),*) => { $(
        before! { next: fn $name(path: CString, mode: CString, stream: Stream) -> Stream {
            if path.is_null() {
                return next(path, mode, stream);
            }
            opening::open(Path::here(path), flags_of(mode), || next(path, mode, stream), descriptor)
        }}
    )* };
}
reopens!(freopen, freopen64);
