//! Running a program so that it is observed.

use crate::entry::{Head, Kind, Writer, STATUS_WORDS};
use crate::environment::{self, List, Variables, TRACER};
use crate::plan::{Plan, Way};
use crate::state::STATE;
use crate::sys;
use crate::text::{self, MOST_PATH};
use core::ffi::c_char;
use core::sync::atomic::Ordering;

/// How the tracer is to take an exec (the second number of `Kind::Exec`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Expected {
    /// The program will say that it has started.
    Start = 1,
    /// It runs unobserved: nothing can be loaded into it.
    Opaque = 2,
    /// It runs unobserved, with other rights than its caller.
    OtherIdentity = 3,
}

const MOST_ARGUMENT_BYTES: usize = 40 * 1024;
/// What the tracer's program is called with to put a program under a filter: ADDRESS PATH ARGUMENTS, the address being
/// `NAMESPACE.USER.FRONT.IMAGE` and what `environment::TRACER` knows, in digits.
pub const FILTER_OPTION: &core::ffi::CStr = c"--run-filtered";

/// What is to be run, as execve(2) takes it.
#[derive(Clone, Copy)]
pub struct Program {
    pub path: *const c_char,
    pub arguments: List,
    pub environment: List,
}

/// Runs a program by `real`, which returns only if that failed (or, for a spawn, always; `process` then tells the
/// child). The result is `real`'s.
///
/// # Safety
/// `program` is what execve(2) would accept.
pub unsafe fn run<T>(
    program: Program,
    real: impl Fn(Program) -> T,
    spawned: impl Fn(&T) -> Option<i32>,
    own_process: i32,
) -> T {
    // SAFETY: as the caller promises.
    unsafe {
        // The loader lists what it would load, and runs nothing.
        let is_listed = environment::has_variable(program.environment, b"LD_TRACE_LOADED_OBJECTS=");
        if STATE.ring().is_none() || is_listed {
            return real(program);
        }
        let plan = Plan::new(program.path);
        let (reachable, filter) = match plan.way {
            Way::Library => (TRACER.is_reachable(), false),
            Way::Filter => (false, true),
            Way::OtherIdentity | Way::Unknown | Way::Refused => (false, false),
        };
        if (filter || (plan.way == Way::Library && !reachable)) && may_filter(program.path) {
            let result = run_filtered(program, &real);
            if spawned(&result).is_some() {
                return result;
            }
        }
        let expected = match plan.way {
            Way::Library if reachable => Expected::Start,
            Way::OtherIdentity => Expected::OtherIdentity,
            Way::Refused => return real(program),
            _ => Expected::Opaque,
        };
        let image = announce(&program, &plan, expected, own_process);
        let result = if expected == Expected::Start {
            let variables = Variables::new(image.unwrap_or(0));
            environment::with_variables(program.environment, &variables, |environment| {
                real(Program { environment, ..program })
            })
        } else {
            real(program)
        };
        match (spawned(&result), image) {
            (_, None) => {}
            (Some(child), Some(image)) => {
                STATE.write(Kind::Spawned, 0, &[image, child as u64], &[], &[]);
            }
            (None, Some(image)) => {
                STATE.write(Kind::ExecFailed, 0, &[image], &[], &[]);
            }
        }
        result
    }
}

/// Says that a program is about to run unobserved.
///
/// # Safety
/// What execve(2) takes.
pub unsafe fn announce_opaque(program: &Program, process: i32) {
    // SAFETY: as the caller promises.
    unsafe { announce(program, &Plan::new(program.path), Expected::Opaque, process) };
}

/// Says that the C library is about to start a shell, and gives the variables that it needs; `None` where it will run
/// unobserved.
///
/// # Safety
/// What execve(2) takes.
pub unsafe fn announce_shell(path: *const c_char, arguments: List, observed: bool) -> Option<Variables> {
    STATE.ring()?;
    // SAFETY: as the caller promises.
    unsafe {
        let plan = Plan::new(path);
        let observed = observed && plan.way == Way::Library && TRACER.is_reachable();
        let expected = if observed { Expected::Start } else { Expected::Opaque };
        let program = Program { path, arguments, environment: core::ptr::null() };
        let image = announce(&program, &plan, expected, 0)?;
        observed.then(|| Variables::new(image))
    }
}

/// Says what is about to be run; the new image's number.
unsafe fn announce(program: &Program, plan: &Plan, expected: Expected, process: i32) -> Option<u64> {
    let ring = STATE.ring()?;
    let mut buffer = [0u8; MOST_PATH];
    let directory =
        if STATE.is_confined() { &[][..] } else { sys::working_directory(&mut buffer).unwrap_or(&[]) };
    // SAFETY: as the caller promises.
    let path = unsafe { text::path(program.path) };
    // SAFETY: as above; each argument is NUL-terminated.
    let arguments = || unsafe { arguments(program.arguments) };
    let names = (1..plan.files).map(|index| plan.name(index));
    let texts = [path, directory].into_iter().chain(names.clone());
    let lengths = texts.clone().map(|text| text.len()).chain(arguments().map(|argument| argument.len()));
    let numbers = 3 + plan.files * STATUS_WORDS;
    let head: Head = STATE.head(Kind::Exec, 0);
    let mut entry = Writer::begin(&ring, Kind::Exec, &head, numbers, lengths)?;
    let image = entry.position();
    entry.number(process as u64);
    entry.number(expected as u64);
    entry.number(plan.files as u64);
    for status in plan.statuses() {
        entry.status(status);
    }
    for text in texts.chain(arguments()) {
        entry.text(text);
    }
    entry.commit();
    Some(image)
}

/// The arguments, as many as fit into an entry.
unsafe fn arguments<'a>(list: List) -> impl Iterator<Item = &'a [u8]> {
    let mut left = MOST_ARGUMENT_BYTES;
    let mut next = list;
    core::iter::from_fn(move || {
        // SAFETY: the list ends in a null pointer, its strings in NULs.
        unsafe {
            if next.is_null() || (*next).is_null() || left == 0 {
                return None;
            }
            let argument = text::bytes(*next, left);
            next = next.add(1);
            left = left.saturating_sub(argument.len() + 8);
            Some(argument)
        }
    })
}

/// Whether a program can be put under a filter by the tracer's own program.
unsafe fn may_filter(path: *const c_char) -> bool {
    let allowed = STATE.ring().is_some_and(|ring| ring.header().filter_static.load(Ordering::Relaxed) != 0);
    // SAFETY: as the caller promises; the other path ends in a NUL.
    allowed
        && !STATE.is_confined()
        // The tracer lives, and its program's path is not that of a stranger.
        && TRACER.is_reachable()
        && unsafe { sys::may_execute(path) && sys::may_execute(TRACER.program_path().as_ptr().cast()) }
        && !is_traced()
}

/// Whether somebody traces this process, who would see one exec too many.
fn is_traced() -> bool {
    const FLAGS: i32 = sys::O_RDONLY | sys::O_CLOEXEC;
    let mut buffer = [0u8; 1024];
    // SAFETY: the path ends in a NUL.
    let Ok(status) = (unsafe { sys::open_at(sys::AT_FDCWD, c"/proc/self/status".as_ptr(), FLAGS) }) else {
        return false;
    };
    let length = sys::read_at(status, &mut buffer, 0);
    sys::close(status);
    let text = buffer.get(..length).unwrap_or(&[]);
    let mut lines = text.split(|&byte| byte == b'\n');
    lines.any(|line| line.strip_prefix(b"TracerPid:\t").is_some_and(|tracer| tracer != b"0"))
}

/// Runs the program through the tracer's own, which puts it under a filter first.
unsafe fn run_filtered<T>(program: Program, real: &impl Fn(Program) -> T) -> T {
    let mut address = [0u8; 128];
    if let Some(ring) = STATE.ring() {
        let header = ring.header();
        let image = STATE.image.load(Ordering::Relaxed);
        let [process, library, ring] = TRACER.numbers();
        let [namespace, user, front] = [&header.front_namespace, &header.tracer_user, &header.front]
            .map(|word| word.load(Ordering::Relaxed));
        let mut end = 0;
        for (index, number) in [namespace, user, front, image, process, library, ring].into_iter().enumerate()
        {
            end = text::put(&mut address, end, if index == 0 { b"" } else { b"." });
            end = text::put_number(&mut address, end, number, 10);
        }
    }
    let tracer = TRACER.program_path();
    let head = [tracer.as_ptr().cast(), FILTER_OPTION.as_ptr(), address.as_ptr().cast(), program.path];
    // SAFETY: as the caller promises.
    unsafe {
        with_arguments(&head, program.arguments, |arguments| {
            real(Program { path: tracer.as_ptr().cast(), arguments, ..program })
        })
    }
}

/// Calls `run` with the arguments after some others.
unsafe fn with_arguments<T>(head: &[*const c_char; 4], list: List, run: impl FnOnce(List) -> T) -> T {
    let mut count = 0;
    // SAFETY: the list ends in a null pointer.
    while !list.is_null() && unsafe { !(*list.add(count)).is_null() } {
        count += 1;
    }
    let whole = head.len() + count + 1;
    let mut small = [core::ptr::null(); 128];
    let room = if whole <= small.len() {
        &mut small[..]
    } else {
        match sys::map(whole * 8, -1) {
            // SAFETY: fresh memory of that size.
            Some(room) => unsafe { core::slice::from_raw_parts_mut(room.cast(), whole) },
            None => return run(list),
        }
    };
    for (index, slot) in room.iter_mut().take(whole - 1).enumerate() {
        // SAFETY: the list has `count` entries.
        *slot = head.get(index).copied().unwrap_or_else(|| unsafe { *list.add(index - head.len()) });
    }
    run(room.as_ptr())
}
