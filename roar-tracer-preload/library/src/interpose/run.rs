//! The exec family. execl(3) and its like take their arguments from registers and stack: small pieces of assembly
//! make lists of them.

use super::{CString, List};
use crate::arch;
use crate::before;
use crate::execute::{self, Program};
use crate::next::{self, errno, set_errno, Next};
use crate::objects;
use crate::search;
use crate::start;
use crate::state::STATE;
use crate::sys;
use crate::text;
use core::ffi::{c_char, c_int};

extern "C" {
    static environ: List;
}

/// The calling process; 0 where asking might not be allowed.
fn own_process() -> c_int {
    if STATE.is_confined() {
        0
    } else {
        sys::process()
    }
}

fn failed(_: &c_int) -> Option<i32> {
    None
}

/// execve(2), observed.
///
/// # Safety
/// What execve(2) takes.
pub unsafe fn execute(path: CString, arguments: List, environment: List) -> c_int {
    static EXECVE: Next = Next::new("execve");
    start::ensure();
    objects::look();
    // SAFETY: the symbol of this name has this signature; the caller answers for the rest.
    unsafe {
        let real: unsafe extern "C" fn(CString, List, List) -> c_int = core::mem::transmute(EXECVE.address());
        let program = Program { path, arguments, environment };
        execute::run(
            program,
            |program| real(program.path, program.arguments, program.environment),
            failed,
            own_process(),
        )
    }
}

/// execvpe(3): each place in PATH is tried; what the kernel does not know is a script for /bin/sh.
unsafe fn execute_in_path(name: CString, arguments: List, environment: List) -> c_int {
    // SAFETY: the caller answers for the pointers.
    let number = unsafe {
        search::in_path(name, |path| {
            if !search::is_there(path) {
                return sys::ENOENT;
            }
            execute(path, arguments, environment);
            if errno() == sys::ENOEXEC {
                run_script(path, arguments, environment);
            }
            errno()
        })
    };
    set_errno(number);
    -1
}

unsafe fn run_script(path: CString, arguments: List, environment: List) {
    let mut small: [CString; 64] = [core::ptr::null(); 64];
    let mut count = 0;
    // SAFETY: the list ends in a null pointer.
    while !arguments.is_null() && unsafe { !(*arguments.add(count)).is_null() } {
        count += 1;
    }
    let room = if count + 3 <= small.len() {
        &mut small[..]
    } else {
        match sys::map((count + 3) * 8, -1) {
            // SAFETY: fresh memory of that size.
            Some(room) => unsafe { core::slice::from_raw_parts_mut(room.cast(), count + 3) },
            None => return,
        }
    };
    room[0] = c"/bin/sh".as_ptr();
    room[1] = path;
    for index in 1..count.max(1) {
        // SAFETY: the list has `count` entries.
        room[index + 1] = unsafe { *arguments.add(index) };
    }
    // SAFETY: the list has just been made.
    unsafe { execute(room[0], room.as_ptr(), environment) };
}

before! { _next: fn execve(path: CString, arguments: List, environment: List) -> c_int {
    execute(path, arguments, environment)
}}

before! { _next: fn execv(path: CString, arguments: List) -> c_int {
    execute(path, arguments, environ)
}}

before! { _next: fn execvp(name: CString, arguments: List) -> c_int {
    execute_in_path(name, arguments, environ)
}}

before! { _next: fn execvpe(name: CString, arguments: List, environment: List) -> c_int {
    execute_in_path(name, arguments, environment)
}}

before! { next: fn fexecve(descriptor: c_int, arguments: List, environment: List) -> c_int {
    start::ensure();
    objects::look();
    let mut path = [0u8; 32];
    text::descriptor_link(descriptor, &mut path);
    let program = Program { path: path.as_ptr().cast(), arguments, environment };
    execute::run(
        program,
        |changed| match changed.path == program.path {
            true => next(descriptor, changed.arguments, changed.environment),
            // The descriptor may be closed by an exec that comes between: its file is run by name.
            false => -1,
        },
        failed,
        own_process(),
    )
}}

before! { next: fn execveat(
    directory: c_int, path: CString, arguments: List, environment: List, flags: c_int
) -> c_int {
    objects::look();
    let is_plain = directory == sys::AT_FDCWD || text::path(path).first() == Some(&b'/');
    let mut link = [0u8; 32];
    text::descriptor_link(directory, &mut link);
    let known = if is_plain { path } else { link.as_ptr().cast() };
    let program = Program { path: known, arguments, environment };
    if !is_plain && !text::path(path).is_empty() {
        return next(directory, path, arguments, environment, flags);
    }
    execute::run(
        program,
        |changed| match changed.path == known {
            true => next(directory, path, changed.arguments, changed.environment, flags),
            false => -1,
        },
        failed,
        own_process(),
    )
}}

/// `registers`: the arguments from the second on that came in registers; `stack`: those after them.
unsafe fn with_list(
    registers: *const CString,
    count: usize,
    stack: *const CString,
    run: impl FnOnce(List, List) -> c_int,
) -> c_int {
    let at = |index: usize| {
        // SAFETY: the caller of execl has put a null pointer at the end.
        unsafe {
            if index < count {
                *registers.add(index)
            } else {
                *stack.add(index - count)
            }
        }
    };
    let mut length = 0;
    while !at(length).is_null() {
        length += 1;
    }
    let mut small: [*const c_char; 64] = [core::ptr::null(); 64];
    let room = if length < small.len() {
        &mut small[..]
    } else {
        match sys::map((length + 1) * 8, -1) {
            // SAFETY: fresh memory of that size.
            Some(room) => unsafe { core::slice::from_raw_parts_mut(room.cast(), length + 1) },
            None => {
                next::set_errno(sys::E2BIG);
                return -1;
            }
        }
    };
    for (index, slot) in room.iter_mut().take(length).enumerate() {
        *slot = at(index);
    }
    run(room.as_ptr(), at(length + 1).cast())
}

unsafe extern "C" fn run_list(path: CString, registers: *const CString, stack: *const CString) -> c_int {
    // SAFETY: as the assembly below passes it.
    unsafe { with_list(registers, arch::LIST_REGISTERS, stack, |list, _| execute(path, list, environ)) }
}

unsafe extern "C" fn run_list_with(path: CString, registers: *const CString, stack: *const CString) -> c_int {
    // SAFETY: as above; execle has its environment after the null pointer.
    unsafe {
        with_list(registers, arch::LIST_REGISTERS, stack, |list, environment| {
            execute(path, list, environment)
        })
    }
}

unsafe extern "C" fn run_list_in_path(
    path: CString,
    registers: *const CString,
    stack: *const CString,
) -> c_int {
    // SAFETY: as above.
    unsafe {
        with_list(registers, arch::LIST_REGISTERS, stack, |list, _| execute_in_path(path, list, environ))
    }
}

arch::take_lists!("execl", run_list; "execle", run_list_with; "execlp", run_list_in_path);
