//! posix_spawn(3).

use super::{CString, List};
use crate::before;
use crate::execute::{self, Program};
use crate::objects;
use crate::opening::{self, Path};
use crate::search;
use crate::sys;
use core::ffi::{c_int, c_void};

/// What a child is to do first, as glibc keeps it (`struct __spawn_action`): of several layouts, the longest is given.
#[repr(C)]
struct Action {
    kind: c_int,
    open: Open,
}

#[repr(C)]
struct Open {
    descriptor: c_int,
    path: CString,
    flags: c_int,
    mode: u32,
}

#[repr(C)]
struct Actions {
    allocated: c_int,
    used: c_int,
    actions: *const Action,
}

const OPEN: c_int = 2;

type Real = unsafe extern "C" fn(*mut c_int, CString, *const c_void, *const c_void, List, List) -> c_int;

/// # Safety
/// What posix_spawn(3) takes.
pub unsafe fn spawn(
    real: Real,
    process: *mut c_int,
    path: CString,
    actions: *const c_void,
    attributes: *const c_void,
    arguments: List,
    environment: List,
) -> c_int {
    objects::look();
    let mut child: c_int = 0;
    let child_at = core::ptr::addr_of_mut!(child);
    // SAFETY: the caller answers for the pointers.
    unsafe {
        let start = |program: Program| {
            real(child_at, program.path, actions, attributes, program.arguments, program.environment)
        };
        let run = || {
            let program = Program { path, arguments, environment };
            execute::run(program, start, |result| (*result == 0).then(|| *child_at), 0)
        };
        let result = with_opens(actions.cast(), 0, &run);
        if result == 0 && !process.is_null() {
            *process = child;
        }
        result
    }
}

/// Takes note of the files that the child is to open first, each round the next.
unsafe fn with_opens(actions: *const Actions, first: usize, run: &dyn Fn() -> c_int) -> c_int {
    // SAFETY: the C library's own list; its layout has been the same since glibc 2.4.
    unsafe {
        if actions.is_null() {
            return run();
        }
        let used = usize::try_from((*actions).used).unwrap_or(0);
        for index in first..used {
            let Action { kind, open } = &*(*actions).actions.add(index);
            if *kind == OPEN {
                return opening::open_elsewhere(Path::here(open.path), open.flags, &mut || {
                    with_opens(actions, index + 1, run)
                });
            }
        }
    }
    run()
}

before! { next: fn posix_spawn(
    process: *mut c_int, path: CString, actions: *const c_void, attributes: *const c_void, arguments: List,
    environment: List
) -> c_int {
    spawn(next, process, path, actions, attributes, arguments, environment)
}}

before! { next: fn posix_spawnp(
    process: *mut c_int, name: CString, actions: *const c_void, attributes: *const c_void, arguments: List,
    environment: List
) -> c_int {
    let mut result = -1;
    let found = search::in_path(name, |path| {
        if !sys::may_execute(path) || !search::is_file(path) {
            return sys::ENOENT;
        }
        result = spawn(next, process, path, actions, attributes, arguments, environment);
        0
    });
    if found == 0 { result } else { next(process, name, actions, attributes, arguments, environment) }
}}
