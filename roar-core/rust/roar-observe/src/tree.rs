//! The processes that have been seen, the images they run, and whose recording they belong to.

use crate::credentials::Credentials;
use crate::fingerprint::Fingerprint;
use hashbrown::HashMap;
use roar_launch::outcome::Outcome;
use roar_trace::identity::Identity;
use roar_trace::path::place::{OpenDirectory, Place, Root};
use roar_trace::process::Process as ProcessLine;
use std::os::fd::OwnedFd;
use std::rc::Rc;

/// An index into `Tree::images`.
pub type ImageId = usize;
/// An index into the tracer's jobs.
pub type JobId = usize;

/// One program image: what an exec starts and forks go on running.
#[derive(Debug)]
pub struct Image {
    pub job: JobId,
    /// The id of its line in the job's report.
    pub line: u32,
    pub fingerprint: Option<Fingerprint>,
    /// roar's own doing: not recorded.
    pub ignored: bool,
}

/// An exec that has been let go on and has not shown yet whether it succeeded.
pub struct PendingExec {
    pub thread: i32,
    pub line: ProcessLine,
    pub reads: Vec<(Place, Identity)>,
    /// The fingerprint of the image that makes the call.
    pub before: Option<Fingerprint>,
    /// The files say that it succeeds.
    pub plausible: bool,
    pub changes_credentials: bool,
}

/// What names mean to a process.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub root: Option<Root>,
    pub credentials: Option<Rc<Credentials>>,
}

pub struct Process {
    pub pid: i32,
    /// Tells it from others that had or will have its id.
    pub serial: u64,
    /// Who forked it: id and serial.
    pub parent: Option<(i32, u64)>,
    /// Readable when it has ended.
    pub pidfd: Option<OwnedFd>,
    /// How it said that it was going to end.
    pub announced: Option<Outcome>,
    pub image: Option<ImageId>,
    pub job: JobId,
    pub ignored: bool,
    /// It ran the exec that made its image (a fork has not).
    pub owns_image: bool,
    pub pending: Option<Box<PendingExec>>,
    pub view: Option<View>,
    pub directory: Option<WorkingDirectory>,
    /// Threads in a call that changes the directory, view or credentials: what is known is not kept meanwhile.
    pub unsettled: Vec<i32>,
    /// One of these calls changes what names mean to others too.
    pub changes_names: bool,
    /// It has changed its directory; a child that was forked before has not.
    pub moved: bool,
    /// It has changed its root, namespaces or credentials; likewise.
    pub view_changed: bool,
    /// Threads have directories of their own (unshare(CLONE_FS)).
    pub divided: bool,
    pub threads: Vec<i32>,
}

/// A working directory as it was looked up.
#[derive(Clone)]
pub struct WorkingDirectory {
    pub directory: Rc<OpenDirectory>,
    pub checked_ms: u64,
}

impl Process {
    pub fn new(pid: i32, parent: Option<(i32, u64)>, job: JobId) -> Process {
        Process {
            pid,
            serial: 0,
            parent,
            pidfd: None,
            announced: None,
            image: None,
            job,
            ignored: false,
            owns_image: false,
            pending: None,
            view: None,
            directory: None,
            unsettled: Vec::new(),
            changes_names: false,
            moved: false,
            view_changed: false,
            divided: false,
            threads: Vec::new(),
        }
    }

    /// Whether what is known of it may be kept and used.
    pub fn is_settled(&self) -> bool {
        self.unsettled.is_empty() && !self.divided
    }
}

/// How long a thread may be taken for the one it was: thread ids are used again.
const THREAD_AGE_MS: u64 = 100;

#[derive(Default)]
pub struct Tree {
    pub processes: HashMap<i32, Process>,
    pub images: Vec<Image>,
    threads: HashMap<i32, (i32, u64)>,
    born: u64,
    by_fingerprint: HashMap<Fingerprint, ImageId>,
}

impl Tree {
    /// The known process that a thread belongs to.
    pub fn process_of(&self, thread: i32, now_ms: u64) -> Option<i32> {
        if self.processes.contains_key(&thread) {
            return Some(thread);
        }
        let (process, checked_ms) = *self.threads.get(&thread)?;
        (now_ms.saturating_sub(checked_ms) <= THREAD_AGE_MS).then_some(process)
    }

    pub fn add_thread(&mut self, thread: i32, process: i32, now_ms: u64) {
        if thread == process {
            return;
        }
        if let Some(owner) = self.processes.get_mut(&process) {
            if self.threads.insert(thread, (process, now_ms)).is_none() {
                owner.threads.push(thread);
            }
        }
    }

    pub fn insert(&mut self, mut process: Process) {
        self.born += 1;
        process.serial = self.born;
        self.processes.insert(process.pid, process);
    }

    pub fn remove(&mut self, process: i32) -> Option<Process> {
        let gone = self.processes.remove(&process)?;
        for thread in &gone.threads {
            self.threads.remove(thread);
        }
        Some(gone)
    }

    pub fn add_image(&mut self, image: Image) -> ImageId {
        let id = self.images.len();
        if let Some(fingerprint) = image.fingerprint {
            self.by_fingerprint.insert(fingerprint, id);
        }
        self.images.push(image);
        id
    }

    pub fn set_fingerprint(&mut self, id: ImageId, fingerprint: Fingerprint) {
        self.images[id].fingerprint = Some(fingerprint);
        self.by_fingerprint.insert(fingerprint, id);
    }

    pub fn image_with(&self, fingerprint: &Fingerprint) -> Option<ImageId> {
        self.by_fingerprint.get(fingerprint).copied()
    }

    /// The newest image that has never been looked at: where an orphan of unknown origin most likely comes from.
    pub fn newest_unseen_image(&self) -> Option<ImageId> {
        self.images.iter().rposition(|image| image.fingerprint.is_none())
    }

    /// How many known processes a job has.
    pub fn living(&self, job: JobId) -> usize {
        self.processes.values().filter(|process| process.job == job && !process.ignored).count()
    }
}
