//! `--run-filtered`: what stands between a program of the job and one that nothing can be loaded into. It puts itself
//! under a filter, hands the listener to the tracer, and becomes that program.

use roar_launch::nested::{self, Front};
use roar_observe::filter;
use roar_preload::environment::TRACER;
use roar_preload::execute::{self, Program, FILTER_OPTION};
use roar_preload::state::STATE;
use roar_preload::text;
use std::ffi::CStr;
use std::io;
use std::sync::atomic::Ordering;

extern "C" {
    static environ: *const *const libc::c_char;
}

/// Where the tracer is: the words of the address.
struct Address {
    front: Front,
    image: u64,
    tracer: [u64; 3],
}

/// Becomes another program if the command line says so, and does not return then.
///
/// # Safety
/// `words` are the `count` arguments of a C `main`, a null pointer after them.
pub unsafe fn run_if_asked(count: libc::c_int, words: *const *const libc::c_char) {
    const FIRST_OF_PROGRAM: usize = 4;
    // SAFETY: as the caller promises.
    unsafe {
        if count < FIRST_OF_PROGRAM as libc::c_int || CStr::from_ptr(*words.add(1)) != FILTER_OPTION {
            return;
        }
        let program = Program {
            path: (*words.add(3)).cast(),
            arguments: words.add(FIRST_OF_PROGRAM).cast(),
            environment: environ.cast(),
        };
        if let Some(address) = parse(CStr::from_ptr(*words.add(2)).to_bytes()) {
            if come_under_filter(&address).is_err() {
                say_unobserved(&address, &program);
            }
        }
        libc::execve(program.path.cast(), program.arguments.cast(), program.environment.cast());
        libc::_exit(if io::Error::last_os_error().raw_os_error() == Some(libc::ENOENT) { 127 } else { 126 })
    }
}

fn parse(address: &[u8]) -> Option<Address> {
    let mut numbers = address.split(|&byte| byte == b'.').map(|digits| text::number(digits, 10));
    let mut next = || numbers.next().flatten();
    Some(Address {
        front: Front {
            namespace: next()?,
            user: u32::try_from(next()?).ok()?,
            process: i32::try_from(next()?).ok()?,
        },
        image: next()?,
        tracer: [next()?, next()?, next()?],
    })
}

/// An error means that there is no filter, and the program may run on without.
fn come_under_filter(address: &Address) -> io::Result<()> {
    // SAFETY: a plain system call.
    let user = unsafe { libc::geteuid() };
    if user != address.front.user && user != 0 {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    let tracer = nested::connect(address.front)?;
    let installed = filter::install(&filter::program(filter::RET_USER_NOTIF, false), true)?;
    let listener = installed.listener.unwrap_or(-1);
    if !nested::ask_to_adopt(&tracer, address.image, installed.no_new_privileges, listener) {
        // The tracer has died this very moment: nobody can let our calls go on any more.
        // SAFETY: ends this process.
        unsafe { libc::_exit(126) };
    }
    // SAFETY: the tracer has its own copy.
    unsafe { libc::close(listener) };
    Ok(())
}

/// Takes note of a gap in the ring, if that can be reached.
fn say_unobserved(address: &Address, program: &Program) {
    let [process, library, ring] = address.tracer;
    TRACER.set(process, library, ring);
    // SAFETY: a plain system call.
    let own = unsafe { libc::getpid() };
    if roar_preload::state::open_ring() {
        STATE.image.store(address.image, Ordering::Relaxed);
        STATE.process.store(own as u32, Ordering::Relaxed);
        STATE.clock.store(libc::clock_gettime as *const () as usize, Ordering::Relaxed);
        // SAFETY: the program is what execve(2) takes.
        unsafe { execute::announce_opaque(program, own) };
    }
}
