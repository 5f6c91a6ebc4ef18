//! Files that the job has read, held open: what it removes or replaces later can still be digested.
//!
//! A file that the job rewrites in place, or removes before we have come to open it, stays unknown; the report counts
//! those as the gap `not_held`.

use crate::budget::Budget;
use hashbrown::HashMap;
use roar_trace::digest;
use roar_trace::fold::{Actor, At, Recording};
use roar_trace::identity::Identity;
use roar_trace::path::directories::DirectoryId;
use roar_trace::sys;
use std::collections::VecDeque;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

const MOST: usize = 512;
/// Time for each file, on average: one of thousands in a row would have to make room soon, and opening it takes longer
/// than all else that is done for it.
const PRICE_US: u64 = 200;
/// Installed software is not what a job removes, unless it works there.
const NOT_HELD: [&[u8]; 6] = [b"/usr/", b"/lib", b"/bin/", b"/sbin/", b"/etc/", b"/nix/"];

type Key = (DirectoryId, Box<[u8]>);

pub struct Held {
    files: HashMap<Key, File>,
    budget: Budget,
    /// In the order of their first read.
    order: VecDeque<Key>,
    /// Where the job began.
    home: Vec<u8>,
    /// The devices that were mounted when the job began: what it mounts itself it must be able to take away.
    devices: Vec<u64>,
}

impl Held {
    /// To be made in the folder that the job begins in.
    pub fn new() -> Held {
        Held {
            home: std::env::current_dir().unwrap_or_default().into_os_string().into_vec(),
            files: HashMap::new(),
            budget: Budget::new(MOST as u64, PRICE_US),
            order: VecDeque::new(),
            devices: mounted_devices(),
        }
    }

    /// Opens a file that was read at this time of the monotonic clock, if it is still the same.
    pub fn hold(&mut self, directory: &[u8], at: &At, identity: Identity, read_ns: u64) {
        let is_software = NOT_HELD.iter().any(|prefix| directory.starts_with(prefix));
        if (is_software && (self.home.len() <= 1 || !directory.starts_with(&self.home)))
            || !self.devices.contains(&identity.device)
        {
            return;
        }
        let key = (at.directory, at.name.into());
        if self.files.contains_key(&key) || !self.budget.take(read_ns) {
            return;
        }
        let path = roar_trace::path::text::join(directory, at.name);
        let Ok(file) = digest::open(libc::AT_FDCWD, &path) else { return };
        let same = sys::stat_descriptor(file.as_raw_fd()).is_ok_and(|now| now.identity == identity);
        if !same {
            return;
        }
        if self.order.len() >= MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.files.remove(&oldest);
            }
        }
        self.order.push_back(key.clone());
        self.files.insert(key, file);
    }

    /// A file has got another name: its bytes live on there.
    pub fn forget(&mut self, at: &At) {
        self.files.remove(&(at.directory, at.name.into()));
    }

    /// The name has lost its file, or another one has come there. If the job has read its bytes, they are digested;
    /// the file is let go.
    pub fn release(
        &mut self,
        recording: &mut Recording,
        at: &At,
        limit: u64,
        keep: Option<&Path>,
        actor: &Actor,
    ) {
        let Some(mut file) = self.files.remove(&(at.directory, at.name.into())) else { return };
        self.order.retain(|(directory, name)| (*directory, &**name) != (at.directory, at.name));
        let Some(before) = recording.before(at) else { return };
        if before.size > limit || !recording.needs_digest(at, before, false) || !is_as(&file, before) {
            return;
        }
        if let Ok(preserved) = digest::preserve(&mut file, keep) {
            if is_as(&file, before) {
                recording.keep_digest(at, before, preserved, actor);
            }
        }
    }
}

/// Whether the file still has the bytes that it had: losing a name changes its ctime alone.
fn is_as(file: &File, before: Identity) -> bool {
    sys::stat_descriptor(file.as_raw_fd()).is_ok_and(|now| {
        let now = now.identity;
        (now.device, now.inode, now.size, now.mtime_ns)
            == (before.device, before.inode, before.size, before.mtime_ns)
    })
}

fn mounted_devices() -> Vec<u64> {
    let text = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
    let mut devices: Vec<u64> = text
        .split(|&byte| byte == b'\n')
        .filter_map(|line| {
            let field = std::str::from_utf8(line.split(|&byte| byte == b' ').nth(2)?).ok()?;
            let (major, minor) = field.split_once(':')?;
            Some(libc::makedev(major.parse().ok()?, minor.parse().ok()?))
        })
        .collect();
    devices.sort_unstable();
    devices.dedup();
    devices
}
