//! The BPF programs in the kernel, and the maps that they share with us.

use crate::kernel_types;
use anyhow::{bail, Context};
use aya::maps::{Array, HashMap, MapData, RingBuf};
use aya::programs::{BtfTracePoint, Program, RawTracePoint};
use aya::{Btf, Ebpf, EbpfLoader, Pod, VerifierLogLevel};
use roar_trace::processors;
use std::collections::BTreeMap;
use std::io::Read;
use std::os::fd::{AsRawFd, RawFd};
use std::thread;

/// Compiled by build.rs.
static PROGRAMS: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/observe.bpf.o"));

const SMALLEST_RING: u64 = 1 << 16;
/// It is the kernel's memory, and cannot be given back.
const LARGEST_RING: u64 = 1 << 24;

/// The program that every system call runs, and its tracepoint, which it is attached to by its type.
const CALL: (&str, &str) = ("on_call", "sys_exit");
/// Others with their tracepoints, attached by name alone.
const NEEDED: [(&str, &str); 3] =
    [("on_fork", "sched_process_fork"), ("on_exit", "sched_process_exit"), ("on_exec", "sched_process_exec")];
const URING_REQUEST: &str = "on_uring_request";
const URING_RESULT: &str = "on_uring_result";
/// Not there on a kernel without io_uring; called otherwise until Linux 6.3.
const OF_URING_REQUEST: [&str; 2] = ["io_uring_submit_req", "io_uring_submit_sqe"];
const OF_URING_RESULT: &str = "io_uring_complete";
const CHANGE: &str = "on_change";
/// From Linux 6.13 on.
const OF_CHANGES: [&str; 3] = ["ctime_ns_xchg", "ctime_xchg_skip", "inode_set_ctime_to_ts"];

/// A tracked process, as in bpf/maps.h.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Member {
    pub image: u32,
    pub ignored: u32,
}

/// What the programs keep, as in bpf/maps.h.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Shared {
    pub lost: u64,
    pub level: u32,
    pub tells_changes: u32,
    pub root: u64,
    pub images: u32,
    pub padding: u32,
}

// SAFETY: plain words in the layout of bpf/maps.h; every bit pattern is a value.
unsafe impl Pod for Member {}
// SAFETY: as above.
unsafe impl Pod for Shared {}

/// Attached as long as it lives; the kernel detaches all with this process.
pub struct Kernel {
    _programs: Ebpf,
    ring: RingBuf<MapData>,
    tracked: HashMap<MapData, u32, Member>,
    shared: Array<MapData, Shared>,
    bell: Array<MapData, u64>,
    /// Whether requests to an io_uring are seen.
    pub sees_uring: bool,
}

impl Kernel {
    /// Loads and attaches the programs, and shows ourselves to them. The ring has at least this size.
    pub fn load(ring_bytes: u64) -> anyhow::Result<Kernel> {
        let secret = secret()?;
        let types = kernel_types::read(CALL.1)
            .with_context(|| format!("the kernel does not describe its types ({})", kernel_types::PATH))?;
        let mut programs = new_loader()
            .verifier_log_level(VerifierLogLevel::DISABLE)
            .btf(Some(&types.structures))
            .map_max_entries(
                "events",
                ring_bytes.next_power_of_two().clamp(SMALLEST_RING, LARGEST_RING) as u32,
            )
            .override_global("secret", &secret, true)
            .load(PROGRAMS)
            .context("cannot make the BPF maps")?;
        let Attached { sees_uring, tells_changes } = attach(&mut programs, &types.tracepoint)?;
        let mut take = |name: &str| programs.take_map(name).with_context(|| format!("no BPF map `{name}`"));
        let ring = RingBuf::try_from(take("events")?)?;
        let tracked = HashMap::try_from(take("tracked")?)?;
        let mut shared = Array::try_from(take("shared_state")?)?;
        let start =
            Shared { tells_changes: tells_changes.into(), lost: 0, level: 0, root: 0, images: 0, padding: 0 };
        shared.set(0, start, 0)?;
        let bell = Array::try_from(take("bell")?)?;
        let kernel = Kernel { _programs: programs, ring, tracked, shared, bell, sees_uring };
        show_ourselves(secret);
        if kernel.shared()?.root == 0 {
            bail!("the BPF programs do not see this process");
        }
        Ok(kernel)
    }

    pub fn shared(&self) -> anyhow::Result<Shared> {
        Ok(self.shared.get(&0, 0)?)
    }

    /// Events that found no room, since the start.
    pub fn lost(&self) -> u64 {
        self.shared().map_or(0, |shared| shared.lost)
    }

    /// Copies the next event; false if there is none.
    pub fn next(&mut self, event: &mut Vec<u8>) -> bool {
        let Some(found) = self.ring.next() else { return false };
        event.clear();
        event.extend_from_slice(&found);
        true
    }

    /// Readable when events have come.
    pub fn descriptor(&self) -> RawFd {
        self.ring.as_raw_fd()
    }

    /// Follows a process, and all that it forks.
    pub fn track(&mut self, process: i32) -> anyhow::Result<()> {
        Ok(self.tracked.insert(process as u32, Member { image: 0, ignored: 0 }, 0)?)
    }

    /// All processes that are followed.
    pub fn tracked(&self) -> Vec<(i32, Member)> {
        self.tracked.iter().filter_map(Result::ok).map(|(process, member)| (process as i32, member)).collect()
    }

    /// From now on the next event wakes us.
    pub fn listen(&mut self) {
        // It can't fail: the map is there.
        let _ = self.bell.set(0, 0u64, 0);
    }
}

/// A loader that has not read the kernel's types: it would read them once more, which takes as long as all the rest.
/// It does without where it can't open the file.
fn new_loader() -> EbpfLoader<'static> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is alive for the calls; this program has one thread, which opens nothing meanwhile.
    unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        libc::setrlimit(libc::RLIMIT_NOFILE, &libc::rlimit { rlim_cur: 0, ..limit });
        let loader = EbpfLoader::new();
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        loader
    }
}

/// What has been attached beyond what is needed.
struct Attached {
    sees_uring: bool,
    tells_changes: bool,
}

/// Loads the programs and attaches them. The kernel takes its time to check each, so a second thread has half of that
/// done: the program for all calls, and those that come with it below.
fn attach(programs: &mut Ebpf, tracepoint: &Btf) -> anyhow::Result<Attached> {
    let mut programs: BTreeMap<&str, &mut Program> = programs.programs_mut().collect();
    let mut take = |name: &str| programs.remove(name).with_context(|| format!("no BPF program `{name}`"));
    let (of_calls, of_all_calls) = CALL;
    let on_call = take(of_calls)?;
    let on_change = take(CHANGE)?;
    let here = processors::current();
    let second = move || {
        processors::leave(here);
        attach_call(on_call, of_all_calls, tracepoint)
            .with_context(|| format!("cannot watch the tracepoint `{of_all_calls}`"))?;
        let tells_changes =
            load(on_change).is_ok_and(|program| OF_CHANGES.iter().all(|name| program.attach(name).is_ok()));
        anyhow::Ok(tells_changes)
    };
    thread::scope(|scope| {
        let second = thread::Builder::new().spawn_scoped(scope, second).context("cannot start a thread")?;
        for (name, tracepoint) in NEEDED {
            load(take(name)?)
                .and_then(|program| Ok(program.attach(tracepoint)?))
                .with_context(|| format!("cannot watch the tracepoint `{tracepoint}`"))?;
        }
        let mut load_named = |name: &str| load(take(name)?);
        let sees_uring = load_named(URING_REQUEST)
            .is_ok_and(|program| OF_URING_REQUEST.iter().any(|name| program.attach(name).is_ok()))
            && load_named(URING_RESULT).is_ok_and(|program| program.attach(OF_URING_RESULT).is_ok());
        let tells_changes =
            second.join().unwrap_or_else(|_| bail!("the thread that loads `{of_calls}` has failed"))?;
        Ok(Attached { sees_uring, tells_changes })
    })
}

fn attach_call(program: &mut Program, tracepoint: &str, types: &Btf) -> anyhow::Result<()> {
    let program: &mut BtfTracePoint = program.try_into()?;
    program.load(tracepoint, types)?;
    program.attach()?;
    Ok(())
}

fn load(program: &mut Program) -> anyhow::Result<&mut RawTracePoint> {
    let program: &mut RawTracePoint = program.try_into()?;
    program.load()?;
    Ok(program)
}

/// A number that nobody guesses.
fn secret() -> anyhow::Result<u64> {
    let mut bytes = [0u8; 8];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes) | 1)
}

/// A system call that means nothing to anybody else: the programs learn how this process's namespaces count.
fn show_ourselves(secret: u64) {
    const NO_SUCH_OPTION: libc::c_int = 0x726f_6172;
    // SAFETY: the kernel refuses an unknown option.
    unsafe { libc::prctl(NO_SUCH_OPTION, secret, 0, 0, 0) };
}
