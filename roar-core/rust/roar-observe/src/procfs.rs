//! What /proc tells of a process.

use crate::credentials::Credentials;
use crate::fingerprint::Fingerprint;
use roar_trace::sys;
use std::io::Read;
use std::os::fd::{AsRawFd, OwnedFd};
use std::str::FromStr;

/// Reads a whole small file of /proc.
fn read_file(path: &str, buffer: &mut [u8]) -> Option<usize> {
    let descriptor = sys::open_at(libc::AT_FDCWD, path.as_bytes(), libc::O_RDONLY).ok()?;
    std::fs::File::from(descriptor).read(buffer).ok()
}

/// The parts of /proc/TID/status that are used.
#[derive(Clone, Debug, Default)]
pub struct ProcessStatus {
    pub process: i32,
    pub parent: i32,
    pub tracer: i32,
    pub credentials: Credentials,
}

/// Reads /proc/TID/status; `None` if the thread is gone.
pub fn status(thread: i32) -> Option<ProcessStatus> {
    let mut buffer = [0u8; 4096];
    let length = read_file(&format!("/proc/{thread}/status"), &mut buffer)?;
    let text = std::str::from_utf8(&buffer[..length]).ok().map(str::to_owned);
    // A process name may hold any byte; only its line does.
    let text = text.unwrap_or_else(|| String::from_utf8_lossy(&buffer[..length]).into_owned());
    let mut status = ProcessStatus::default();
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let mut words = value.split_ascii_whitespace();
        let fourth = |value: &str| value.split_ascii_whitespace().nth(3).and_then(|word| word.parse().ok());
        match key {
            "Tgid" => status.process = words.next()?.parse().ok()?,
            "PPid" => status.parent = words.next()?.parse().ok()?,
            "TracerPid" => status.tracer = words.next()?.parse().ok()?,
            "Uid" => status.credentials.user = fourth(value)?,
            "Gid" => status.credentials.group = fourth(value)?,
            "Groups" => status.credentials.groups = words.filter_map(|word| word.parse().ok()).collect(),
            "CapEff" => {
                status.credentials.capabilities = u64::from_str_radix(words.next()?, 16).ok()?;
                break;
            }
            _ => {}
        }
    }
    Some(status)
}

/// The fingerprint of the image that the process runs now; `None` if it can't be read.
pub fn fingerprint(thread: i32) -> Option<Fingerprint> {
    const AT_RANDOM: u64 = 25;
    let mut buffer = [0u8; 1024];
    let length = read_file(&format!("/proc/{thread}/auxv"), &mut buffer)?;
    let word = |index: usize| {
        buffer[..length].get(index * 8..index * 8 + 8)?.try_into().ok().map(u64::from_le_bytes)
    };
    let narrow = |index: usize| {
        buffer[..length].get(index * 4..index * 4 + 4)?.try_into().ok().map(u32::from_le_bytes).map(u64::from)
    };
    let find = |entry: &dyn Fn(usize) -> Option<u64>| {
        (0..64)
            .map_while(|pair| Some((entry(2 * pair)?, entry(2 * pair + 1)?)))
            .find(|pair| pair.0 == AT_RANDOM)
    };
    // A 32-bit program has entries of half the size.
    let address = find(&word).or_else(|| find(&narrow))?.1;
    let mut random = [0u8; 16];
    crate::memory::read_exact(thread, address, &mut random).then_some(Fingerprint::new(address, random))
}

impl Fingerprint {
    /// Whether a process still runs this image: one read of its memory.
    pub fn is_of(&self, thread: i32) -> bool {
        let mut random = [0u8; 16];
        crate::memory::read_exact(thread, self.address, &mut random) && random == self.random
    }
}

/// What a pidfd tells without /proc (Linux 6.13).
pub struct ProcessInfo {
    pub parent: i32,
    pub user: u32,
    pub group: u32,
}

const GET_INFO: u64 = 0xc040_ff0b;

/// Asks a pidfd for `struct pidfd_info`, 64 bytes long.
fn information(pidfd: &OwnedFd, mask: u64) -> Option<[u32; 16]> {
    let mut information = [0u32; 16];
    information[0] = mask as u32;
    // SAFETY: the request encodes the structure's size; its fields are at most eight bytes wide, and the kernel
    // copies it bytewise.
    let result = unsafe { libc::ioctl(pidfd.as_raw_fd(), GET_INFO as _, information.as_mut_ptr()) };
    (result == 0 && u64::from(information[0]) & mask == mask).then_some(information)
}

/// Parent and file credentials of a living process.
pub fn information_of(pidfd: &OwnedFd) -> Option<ProcessInfo> {
    const INFO_PID: u64 = 1 << 0;
    const INFO_CREDENTIALS: u64 = 1 << 1;
    let fields = information(pidfd, INFO_PID | INFO_CREDENTIALS)?;
    Some(ProcessInfo { parent: fields[6] as i32, user: fields[13], group: fields[14] })
}

/// The wait status of a process that has ended but is still in the table.
pub fn zombie_status(process: i32) -> Option<i32> {
    const WAIT_STATUS: usize = 52;
    stat_field(process, &["Z", "X"], WAIT_STATUS)
}

/// The processor that a process runs on or waits for, if it does.
pub fn processor_wanted(process: i32) -> Option<usize> {
    const PROCESSOR: usize = 39;
    stat_field(process, &["R"], PROCESSOR)
}

/// A field of /proc/PID/stat by its number in proc_pid_stat(5), of a process that is in one of the states.
fn stat_field<T: FromStr>(process: i32, states: &[&str], number: usize) -> Option<T> {
    const STATE: usize = 3;
    let mut buffer = [0u8; 1024];
    let length = read_file(&format!("/proc/{process}/stat"), &mut buffer)?;
    let text = &buffer[..length];
    let after_name = text.iter().rposition(|&byte| byte == b')')? + 2;
    let mut fields = std::str::from_utf8(&text[after_name..]).ok()?.split_ascii_whitespace();
    if !states.contains(&fields.next()?) {
        return None;
    }
    fields.nth(number - STATE - 1)?.parse().ok()
}

/// The wait status that the kernel keeps with a pidfd after the process was reaped (Linux 6.15).
pub fn status_after_exit(pidfd: &OwnedFd) -> Option<i32> {
    const INFO_EXIT: u64 = 1 << 3;
    information(pidfd, INFO_EXIT).map(|fields| fields[15] as i32)
}

/// The running kernel's version; (0, 0) if it can't be told.
pub fn kernel_version() -> (u32, u32) {
    let mut names = std::mem::MaybeUninit::<libc::utsname>::zeroed();
    // SAFETY: the kernel fills a structure of its own layout, all of whose fields are NUL-terminated.
    let release = unsafe {
        libc::uname(names.as_mut_ptr());
        std::ffi::CStr::from_ptr(names.assume_init_ref().release.as_ptr()).to_bytes().to_vec()
    };
    let text = String::from_utf8_lossy(&release).into_owned();
    let mut numbers = text.split(|sign: char| !sign.is_ascii_digit()).map(|word| word.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// A descriptor that becomes readable when the process ends.
pub fn open_pidfd(process: i32) -> Option<OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: a plain system call; the descriptor is new (always close-on-exec) and ours alone.
    unsafe {
        let descriptor = libc::syscall(libc::SYS_pidfd_open, process, 0) as i32;
        (descriptor >= 0).then(|| OwnedFd::from_raw_fd(descriptor))
    }
}
