//! The seccomp filter: path, exec and shared-mapping calls are caught, reading and writing never.

use crate::calls::{Architecture, Call, ARCHITECTURES, PR_SET_SECCOMP, WITHOUT_CONTENT};
use std::io;

pub const RET_USER_NOTIF: u32 = 0x7fc0_0000;
pub const RET_TRACE: u32 = 0x7ff0_0000;
const RET_ALLOW: u32 = 0x7fff_0000;
const FLAG_SPEC_ALLOW: u64 = 1 << 2;
const FLAG_NEW_LISTENER: u64 = 1 << 3;
const FLAG_WAIT_KILLABLE: u64 = 1 << 5;
const SET_MODE_FILTER: libc::c_long = 1;

const LOAD: u16 = 0x20;
const AND: u16 = 0x54;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_AT_LEAST: u16 = 0x35;
const JUMP_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;
const NUMBER: u32 = 0;
const AUDIT: u32 = 4;

/// The lower half of an argument: all that flags and descriptors use. (Both architectures are little-endian.)
const fn argument(index: u32) -> u32 {
    16 + 8 * index
}

fn instruction(code: u16, k: u32, yes: usize, no: usize) -> libc::sock_filter {
    libc::sock_filter { code, jt: yes as u8, jf: no as u8, k }
}

/// The program that answers `caught` for the calls of `calls.rs`. ptrace is left alone unless processes are
/// `attached` to.
pub fn program(caught: u32, attached: bool) -> Vec<libc::sock_filter> {
    let mut program = vec![instruction(LOAD, AUDIT, 0, 0)];
    for architecture in ARCHITECTURES {
        let body = body(architecture, caught, attached);
        program.push(instruction(JUMP_EQUAL, architecture.audit, 0, body.len()));
        program.extend(body);
    }
    program.push(instruction(RETURN, RET_ALLOW, 0, 0));
    program
}

/// What the filter does with a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Allow,
    Catch,
    /// Caught unless it opens no file's content; the argument that holds the flags.
    Open(u32),
    /// Caught where it maps a file shared and writable.
    Map,
    /// Caught where it is prctl(PR_SET_SECCOMP).
    Control,
}

impl Verdict {
    const ALL: [Verdict; 6] =
        [Verdict::Allow, Verdict::Catch, Verdict::Open(1), Verdict::Open(2), Verdict::Map, Verdict::Control];

    fn of(call: Call) -> Verdict {
        match call {
            Call::Open => Verdict::Open(1),
            Call::OpenAt => Verdict::Open(2),
            _ => Verdict::Catch,
        }
    }

    /// The instructions that carry it out.
    fn tail(self, caught: u32) -> Vec<libc::sock_filter> {
        let give = |value| instruction(RETURN, value, 0, 0);
        let load = |index| instruction(LOAD, argument(index), 0, 0);
        let (allow, catch) = (give(RET_ALLOW), give(caught));
        match self {
            Verdict::Allow => vec![allow],
            Verdict::Catch => vec![catch],
            Verdict::Open(flags) => {
                vec![load(flags), instruction(JUMP_ANY_BIT, WITHOUT_CONTENT as u32, 0, 1), allow, catch]
            }
            // Only MAP_SHARED (also as part of MAP_SHARED_VALIDATE) and PROT_WRITE of a file.
            Verdict::Map => vec![
                load(2),
                instruction(JUMP_ANY_BIT, libc::PROT_WRITE as u32, 0, 5),
                load(3),
                instruction(JUMP_ANY_BIT, libc::MAP_ANONYMOUS as u32, 3, 0),
                instruction(JUMP_ANY_BIT, libc::MAP_SHARED as u32, 0, 2),
                load(4),
                instruction(JUMP_ANY_BIT, 1 << 31, 0, 1),
                allow,
                catch,
            ],
            Verdict::Control => {
                vec![load(0), instruction(JUMP_EQUAL, PR_SET_SECCOMP, 1, 0), allow, catch]
            }
        }
    }
}

fn body(architecture: &Architecture, caught: u32, attached: bool) -> Vec<libc::sock_filter> {
    let mut body = vec![instruction(LOAD, NUMBER, 0, 0)];
    if architecture.mask != 0 {
        body.push(instruction(AND, !architecture.mask, 0, 0));
    }
    let ranges = ranges(architecture, attached);
    let mut place = body.len() + ranges.len() - 1;
    let mut places = Vec::new();
    let mut tails = Vec::new();
    for verdict in Verdict::ALL {
        let tail = verdict.tail(caught);
        places.push((verdict, place));
        place += tail.len();
        tails.extend(tail);
    }
    search(&mut body, &ranges, &|verdict| {
        places.iter().find(|(other, _)| *other == verdict).map_or(0, |(_, place)| *place)
    });
    body.extend(tails);
    body
}

/// The verdict of each number, as the numbers from which on another one holds.
fn ranges(architecture: &Architecture, attached: bool) -> Vec<(u32, Verdict)> {
    let calls = architecture.calls.iter().filter(|(_, call)| attached || *call != Call::Ptrace);
    let mut verdicts: Vec<(u32, Verdict)> =
        calls.map(|(number, call)| (*number, Verdict::of(*call))).collect();
    verdicts.extend([(architecture.mmap, Verdict::Map), (architecture.prctl, Verdict::Control)]);
    verdicts.sort_unstable_by_key(|(number, _)| *number);
    let mut ranges = vec![(0, Verdict::Allow)];
    for (number, verdict) in verdicts {
        if ranges.last().is_some_and(|(from, _)| *from == number) {
            ranges.pop(); // the call follows the one before
        }
        if ranges.last().map(|(_, before)| *before) != Some(verdict) {
            ranges.push((number, verdict));
        }
        ranges.push((number + 1, Verdict::Allow));
    }
    ranges
}

/// Finds a number's range by halves, in one instruction less than there are ranges, and gives where to begin. The kernel
/// follows the program for each number there is when it is installed: a list of comparisons takes it longer.
fn search(
    program: &mut Vec<libc::sock_filter>,
    ranges: &[(u32, Verdict)],
    place: &impl Fn(Verdict) -> usize,
) -> usize {
    if let [(_, verdict)] = ranges {
        return place(*verdict);
    }
    let at = program.len();
    let (lower, upper) = ranges.split_at(ranges.len() / 2);
    program.push(instruction(JUMP_AT_LEAST, upper[0].0, 0, 0));
    let below = search(program, lower, place);
    let above = search(program, upper, place);
    program[at] = instruction(JUMP_AT_LEAST, upper[0].0, above - at - 1, below - at - 1);
    at
}

/// What installing the filter has given.
pub struct Installed {
    /// The listener's descriptor, for user notification.
    pub listener: Option<i32>,
    /// It was granted only with NO_NEW_PRIVS: set-id programs run without their privileges.
    pub no_new_privileges: bool,
}

/// Installs the filter on this thread. Async-signal-safe but for `program`, which is made before.
pub fn install(program: &[libc::sock_filter], notify: bool) -> io::Result<Installed> {
    let flags = FLAG_SPEC_ALLOW | if notify { FLAG_NEW_LISTENER | FLAG_WAIT_KILLABLE } else { 0 };
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
    // SAFETY: the kernel copies the program, which is alive for the call.
    let set = || unsafe { libc::syscall(libc::SYS_seccomp, SET_MODE_FILTER, flags, &filter) };
    let mut result = set();
    let mut no_new_privileges = false;
    if result < 0 && io::Error::last_os_error().raw_os_error() == Some(libc::EACCES) {
        // SAFETY: a plain system call.
        unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
        no_new_privileges = true;
        result = set();
    }
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Installed { listener: notify.then_some(result as i32), no_new_privileges })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the program as the kernel does.
    fn run(program: &[libc::sock_filter], audit: u32, number: u32, arguments: [u32; 6]) -> u32 {
        let (mut at, mut accumulator) = (0, 0u32);
        loop {
            let step = program[at];
            at += 1;
            match step.code {
                LOAD => {
                    accumulator = match step.k {
                        NUMBER => number,
                        AUDIT => audit,
                        k => arguments[(k as usize - 16) / 8],
                    }
                }
                AND => accumulator &= step.k,
                JUMP_EQUAL => at += if accumulator == step.k { step.jt } else { step.jf } as usize,
                JUMP_AT_LEAST => at += if accumulator >= step.k { step.jt } else { step.jf } as usize,
                JUMP_ANY_BIT => at += if accumulator & step.k != 0 { step.jt } else { step.jf } as usize,
                _ => return step.k,
            }
        }
    }

    #[test]
    fn test_every_listed_call_is_caught_and_nothing_else() {
        let program = program(RET_USER_NOTIF, true);
        for architecture in ARCHITECTURES {
            for number in 0..600 {
                let listed = architecture.calls.iter().any(|(other, _)| *other == number);
                let caught = run(&program, architecture.audit, number, [0; 6]) == RET_USER_NOTIF;
                assert_eq!(caught, listed, "call {number}");
            }
        }
        assert_eq!(run(&program, 0x1234, 2, [0; 6]), RET_ALLOW);
    }

    #[test]
    fn test_ptrace_is_caught_where_processes_are_attached_to_alone() {
        let architecture = &ARCHITECTURES[0];
        let (number, _) = architecture.calls.iter().find(|(_, call)| *call == Call::Ptrace).unwrap();
        for attached in [true, false] {
            let given = run(&program(RET_TRACE, attached), architecture.audit, *number, [0; 6]);
            assert_eq!(given == RET_TRACE, attached);
        }
    }

    #[test]
    fn test_of_prctl_only_seccomp_is_caught() {
        let program = program(RET_USER_NOTIF, true);
        for architecture in ARCHITECTURES {
            let control =
                |operation| run(&program, architecture.audit, architecture.prctl, [operation, 0, 0, 0, 0, 0]);
            assert_eq!(control(PR_SET_SECCOMP), RET_USER_NOTIF);
            assert_eq!(control(15), RET_ALLOW);
        }
    }

    #[test]
    fn test_opens_of_directories_and_mere_paths_are_not_caught() {
        let program = program(RET_USER_NOTIF, true);
        for architecture in ARCHITECTURES {
            for (number, place) in architecture.calls.iter().filter_map(|(number, call)| match call {
                Call::Open => Some((*number, 1)),
                Call::OpenAt => Some((*number, 2)),
                _ => None,
            }) {
                let is_caught = |flags: i32| {
                    let mut arguments = [u32::MAX; 6];
                    arguments[place] = flags as u32;
                    run(&program, architecture.audit, number, arguments) == RET_USER_NOTIF
                };
                assert!(!is_caught(libc::O_DIRECTORY | libc::O_CLOEXEC));
                assert!(!is_caught(libc::O_PATH));
                assert!(is_caught(libc::O_RDONLY | libc::O_CLOEXEC));
                assert!(is_caught(libc::O_WRONLY | libc::O_CREAT | libc::O_NONBLOCK));
            }
        }
    }

    #[test]
    fn test_only_shared_writable_file_mappings_are_caught() {
        let program = program(RET_USER_NOTIF, true);
        let map = |protection: i32, flags: i32, descriptor: i32| {
            let arguments = [0, 0, protection as u32, flags as u32, descriptor as u32, 0];
            run(&program, ARCHITECTURES[0].audit, ARCHITECTURES[0].mmap, arguments) == RET_USER_NOTIF
        };
        assert!(map(3, libc::MAP_SHARED, 4));
        assert!(map(3, 3, 4));
        assert!(!map(1, libc::MAP_SHARED, 4));
        assert!(!map(3, libc::MAP_PRIVATE, 4));
        assert!(!map(3, libc::MAP_SHARED | libc::MAP_ANONYMOUS, 4));
        assert!(!map(3, libc::MAP_SHARED, -1));
    }
}
