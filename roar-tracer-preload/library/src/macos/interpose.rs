//! The functions that stand before the C library's: dyld binds each call of another library's to the first of a pair in
//! `__DATA,__interpose`. Our own calls go to the C library, so that the second of the pair is simply called.
//!
//! The exec family, system(3) and popen(3) end in execve(2) or posix_spawn(2), which are stood before.

use crate::entry::Kind;
use crate::execute::{self, Program};
use crate::opening::{self, Path};
use crate::state::STATE;
use crate::sys::{self, O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY};
use crate::{naming, start, text, viewing};
use core::ffi::{c_char, c_int, c_void};

type CString = *const c_char;
type List = *const *const c_char;
type Mode = c_int;
type Stream = *mut c_void;

/// What the pairs stand before.
mod real {
    use super::{c_int, c_void, CString, List, Stream};

    extern "C" {
        pub fn open(path: CString, flags: c_int, ...) -> c_int;
        pub fn openat(directory: c_int, path: CString, flags: c_int, ...) -> c_int;
        pub fn fopen(path: CString, mode: CString) -> Stream;
        pub fn fileno(stream: Stream) -> c_int;
        pub fn rename(from: CString, to: CString) -> c_int;
        pub fn renameat(old: c_int, from: CString, new: c_int, to: CString) -> c_int;
        pub fn link(from: CString, to: CString) -> c_int;
        pub fn unlink(path: CString) -> c_int;
        pub fn unlinkat(directory: c_int, path: CString, flags: c_int) -> c_int;
        pub fn rmdir(path: CString) -> c_int;
        pub fn truncate(path: CString, length: i64) -> c_int;
        pub fn chdir(path: CString) -> c_int;
        pub fn fchdir(directory: c_int) -> c_int;
        pub fn fork() -> c_int;
        pub fn exit(status: c_int) -> !;
        pub fn _exit(status: c_int) -> !;
        pub fn execve(path: CString, arguments: List, environment: List) -> c_int;
        pub fn posix_spawn(
            process: *mut c_int,
            path: CString,
            actions: *const c_void,
            attributes: *const c_void,
            arguments: List,
            environment: List,
        ) -> c_int;
        pub fn posix_spawnp(
            process: *mut c_int,
            name: CString,
            actions: *const c_void,
            attributes: *const c_void,
            arguments: List,
            environment: List,
        ) -> c_int;
    }
}

#[repr(C)]
struct Pair {
    ours: *const (),
    theirs: *const (),
}

// SAFETY: two addresses of functions, never changed.
unsafe impl Sync for Pair {}

macro_rules! stand_before {
    ($($name:ident),*) => { $(
        const _: () = {
            #[used]
            #[link_section = "__DATA,__interpose"]
            static PAIR: Pair = Pair { ours: $name as *const (), theirs: real::$name as *const () };
        };
    )* };
}
stand_before!(
    open,
    openat,
    fopen,
    rename,
    renameat,
    link,
    unlink,
    unlinkat,
    rmdir,
    truncate,
    chdir,
    fchdir,
    fork,
    exit,
    _exit,
    execve,
    posix_spawn,
    posix_spawnp
);

fn descriptor(result: &c_int) -> Option<i32> {
    (*result >= 0).then_some(*result)
}

/// # Safety
/// What open(2) takes.
unsafe fn open_at(path: Path, flags: c_int, real: impl FnOnce() -> c_int) -> c_int {
    start::ensure();
    // SAFETY: as the caller promises.
    unsafe { opening::open(path, flags, real, descriptor) }
}

// On arm64, arguments after the named ones are passed on the stack: the mode is the first that finds no register.
#[cfg(target_arch = "aarch64")]
unsafe extern "C" fn open(
    path: CString,
    flags: c_int,
    _: usize,
    _: usize,
    _: usize,
    _: usize,
    _: usize,
    _: usize,
    mode: Mode,
) -> c_int {
    // SAFETY: the caller passes what open(2) takes.
    unsafe { open_at(Path::here(path), flags, || real::open(path, flags, mode)) }
}

#[cfg(target_arch = "aarch64")]
unsafe extern "C" fn openat(
    directory: c_int,
    path: CString,
    flags: c_int,
    _: usize,
    _: usize,
    _: usize,
    _: usize,
    _: usize,
    mode: Mode,
) -> c_int {
    // SAFETY: as above.
    unsafe { open_at(Path { directory, path }, flags, || real::openat(directory, path, flags, mode)) }
}

#[cfg(target_arch = "x86_64")]
unsafe extern "C" fn open(path: CString, flags: c_int, mode: Mode) -> c_int {
    // SAFETY: as above.
    unsafe { open_at(Path::here(path), flags, || real::open(path, flags, mode)) }
}

#[cfg(target_arch = "x86_64")]
unsafe extern "C" fn openat(directory: c_int, path: CString, flags: c_int, mode: Mode) -> c_int {
    // SAFETY: as above.
    unsafe { open_at(Path { directory, path }, flags, || real::openat(directory, path, flags, mode)) }
}

unsafe extern "C" fn fopen(path: CString, mode: CString) -> Stream {
    start::ensure();
    // SAFETY: the caller passes what fopen(3) takes.
    unsafe {
        let letters = text::bytes(mode, 8);
        let mut flags = match letters.first() {
            Some(b'w') => O_WRONLY | O_CREAT | O_TRUNC,
            Some(b'a') => O_WRONLY | O_CREAT | O_APPEND,
            _ => O_RDONLY,
        };
        if letters.contains(&b'+') {
            flags = (flags & !O_WRONLY) | O_RDWR;
        }
        if letters.contains(&b'x') {
            flags |= O_EXCL;
        }
        let descriptor = |stream: &Stream| (!stream.is_null()).then(|| real::fileno(*stream));
        opening::open(Path::here(path), flags, || real::fopen(path, mode), descriptor)
    }
}

macro_rules! named {
    ($(fn $name:ident($($argument:ident: $type:ty),*) => $note:expr;)*) => { $(
        unsafe extern "C" fn $name($($argument: $type),*) -> c_int {
            start::ensure();
            let mut real = || {
                // SAFETY: the caller passes what the function of this name takes.
                unsafe { real::$name($($argument),*) }
            };
            #[allow(clippy::macro_metavars_in_unsafe)] // the notes are made of calls that take what the caller passes
            // SAFETY: as above.
            unsafe { ($note)(&mut real as &mut dyn FnMut() -> c_int) }
        }
    )* };
}
type Real<'a> = &'a mut dyn FnMut() -> c_int;
named! {
    fn rename(from: CString, to: CString) =>
        |real: Real| naming::rename(Path::here(from), Path::here(to), 0, real);
    fn renameat(old: c_int, from: CString, new: c_int, to: CString) =>
        |real: Real| {
            naming::rename(Path { directory: old, path: from }, Path { directory: new, path: to }, 0, real)
        };
    fn link(from: CString, to: CString) =>
        |real: Real| naming::link(Path::here(from), Path::here(to), sys::AT_SYMLINK_FOLLOW, real);
    fn unlink(path: CString) => |real: Real| naming::remove(Path::here(path), real);
    fn unlinkat(directory: c_int, path: CString, flags: c_int) => |real: Real| match flags & sys::AT_REMOVEDIR {
        0 => naming::remove(Path { directory, path }, real),
        _ => naming::remove_directory(real),
    };
    fn rmdir(path: CString) => |real: Real| naming::remove_directory(real);
    fn truncate(path: CString, length: i64) => |real: Real| naming::truncate(path, length, real);
}

unsafe extern "C" fn chdir(path: CString) -> c_int {
    start::ensure();
    // SAFETY: the caller passes what chdir(2) takes.
    viewing::moved(unsafe { real::chdir(path) })
}

unsafe extern "C" fn fchdir(directory: c_int) -> c_int {
    start::ensure();
    // SAFETY: a plain call.
    viewing::moved(unsafe { real::fchdir(directory) })
}

unsafe extern "C" fn fork() -> c_int {
    start::ensure();
    // SAFETY: it takes no argument.
    let child = unsafe { real::fork() };
    if child > 0 {
        STATE.write(Kind::Fork, 0, &[child as u64], &[], &[]);
    }
    child
}

/// With which status a process has ended the kernel tells its parent alone, so it is said here.
fn say_ending(status: c_int) {
    if STATE.ring().is_some() && STATE.is_own() {
        start::say_ending(status);
    }
}

unsafe extern "C" fn exit(status: c_int) -> ! {
    say_ending(status);
    // SAFETY: the caller ends its process.
    unsafe { real::exit(status) }
}

unsafe extern "C" fn _exit(status: c_int) -> ! {
    say_ending(status);
    // SAFETY: the caller ends its process.
    unsafe { real::_exit(status) }
}

unsafe extern "C" fn execve(path: CString, arguments: List, environment: List) -> c_int {
    start::ensure();
    let program = Program { path, arguments, environment };
    // SAFETY: the caller passes what execve(2) takes.
    unsafe {
        let real = |program: Program| real::execve(program.path, program.arguments, program.environment);
        execute::run(program, real, |_| None, sys::process())
    }
}

macro_rules! spawns {
    ($($name:ident),*) => { $(
        unsafe extern "C" fn $name(
            process: *mut c_int,
            path: CString,
            actions: *const c_void,
            attributes: *const c_void,
            arguments: List,
            environment: List,
        ) -> c_int {
            start::ensure();
            let mut child: c_int = 0;
            let child_at = core::ptr::addr_of_mut!(child);
            let program = Program { path, arguments, environment };
            // SAFETY: the caller passes what posix_spawn(2) takes.
            unsafe {
                let real = |program: Program| {
                    let Program { path, arguments, environment } = program;
                    real::$name(child_at, path, actions, attributes, arguments, environment)
                };
                let result = execute::run(program, real, |result| (*result == 0).then(|| *child_at), 0);
                if result == 0 && !process.is_null() {
                    *process = child;
                }
                result
            }
        }
    )* };
}
spawns!(posix_spawn, posix_spawnp);
