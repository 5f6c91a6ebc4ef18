//! The tracer's state, and who it is that makes a call.

use crate::caller::Caller;
use crate::credentials::Credentials;
use crate::deaths::Deaths;
use crate::executable::Formats;
use crate::job::Job;
use crate::procfs;
use crate::program::Program;
use crate::stops::Stops;
use crate::tree::{Process, Tree, View};
use roar_trace::fold::Actor;
use roar_trace::path::place::Origin;
use roar_trace::path::{Resolver, Root};
use roar_trace::sys;
use roar_trace::Status;
use std::cell::OnceCell;
use std::os::fd::OwnedFd;
use std::rc::Rc;

pub struct Tracer {
    pub program: Program,
    pub resolver: Resolver,
    pub tree: Tree,
    pub jobs: Vec<Job>,
    pub deaths: Deaths,
    pub own: OwnView,
    pub formats: Formats,
    /// Set where processes are attached to.
    pub stops: Option<Stops>,
    pub ignore: Vec<Vec<u8>>,
    /// Set-id programs run without their privileges, because the filter needed it.
    pub no_new_privileges: bool,
    pub path: Vec<u8>,
    /// Now, in CLOCK_MONOTONIC_COARSE milliseconds; set once for each event.
    pub now_ms: u64,
}

/// What is known of a process when it is first heard of.
struct Newcomer {
    parent: i32,
    view: View,
}

/// How names look to the tracer itself.
pub struct OwnView {
    names: OnceCell<Names>,
    credentials: Rc<Credentials>,
}

/// What a process's names start from.
struct Names {
    root: Option<Status>,
    namespace: Option<Status>,
}

impl Names {
    /// `process`: its folder's name in `/proc`.
    fn look(process: &str) -> Names {
        let look = |link| sys::stat_at(libc::AT_FDCWD, format!("/proc/{process}/{link}").as_bytes(), 0).ok();
        Names { root: look("root"), namespace: look("ns/mnt") }
    }
}

impl OwnView {
    pub fn read() -> OwnView {
        let credentials = procfs::status(std::process::id() as i32).map(|status| status.credentials);
        OwnView { names: OnceCell::new(), credentials: Rc::new(credentials.unwrap_or_default()) }
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::look("self"))
    }

    /// How names look to a fork of this process.
    pub fn forked(&self) -> View {
        View { root: None, credentials: Some(self.credentials.clone()) }
    }
}

impl Tracer {
    /// Who makes the call; `None` if nothing of it is to be recorded.
    pub fn caller(&mut self, thread: i32) -> Option<Caller> {
        let pid = match self.tree.process_of(thread, self.now_ms) {
            Some(pid) => pid,
            None => self.learn(thread)?,
        };
        self.settle(pid, thread);
        let process = self.tree.processes.get(&pid)?;
        if process.ignored || !self.jobs[process.job].is_open() {
            return None;
        }
        let (job, line) = (process.job, process.image.map_or(1, |image| self.tree.images[image].line));
        let view = match &process.view {
            Some(view) if process.is_settled() => view.clone(),
            _ => self.read_view(thread, pid)?,
        };
        let other_credentials = view.credentials.as_ref().is_some_and(|theirs| self.are_other(theirs));
        Some(Caller { thread, process: pid, job, line, view, other_credentials })
    }

    pub fn actor(&self, caller: &Caller) -> Actor {
        Actor { process: caller.line, time_ns: sys::now_ns(), time_ms: self.now_ms }
    }

    /// Whether file permissions differ between a process with these credentials and ours.
    fn are_other(&self, theirs: &Rc<Credentials>) -> bool {
        let own = &self.own.credentials;
        if Rc::ptr_eq(own, theirs) || (own.is_powerful() && theirs.is_powerful()) {
            return false;
        }
        (own.user, own.group, &own.groups) != (theirs.user, theirs.group, &theirs.groups)
            || own.is_powerful() != theirs.is_powerful()
    }

    /// A thread that has not been seen yet, or not lately; gives its process.
    fn learn(&mut self, thread: i32) -> Option<i32> {
        // A pidfd is granted for the first thread of a process only.
        if let Some(pidfd) = procfs::open_pidfd(thread) {
            if let Some(newcomer) = self.relative(&pidfd) {
                self.learn_process(thread, thread, newcomer, pidfd);
                return Some(thread);
            }
        }
        let status = procfs::status(thread)?;
        if !self.tree.processes.contains_key(&status.process) {
            let credentials = self.shared_credentials(&status.credentials);
            let root = self.read_root(thread);
            let newcomer =
                Newcomer { parent: status.parent, view: View { root, credentials: Some(credentials) } };
            self.learn_process(thread, status.process, newcomer, procfs::open_pidfd(status.process)?);
        }
        self.tree.add_thread(thread, status.process, self.now_ms);
        Some(status.process)
    }

    /// What can be told of a new process by its parent, which sees names as it does, as long as nothing has
    /// changed that.
    fn relative(&self, pidfd: &OwnedFd) -> Option<Newcomer> {
        let information = procfs::information_of(pidfd)?;
        let parent = self.tree.processes.get(&information.parent)?;
        let view = parent.view.as_ref().filter(|_| !parent.view_changed)?;
        let credentials = view.credentials.as_ref()?;
        let alike = (credentials.user, credentials.group) == (information.user, information.group);
        alike.then(|| Newcomer { parent: information.parent, view: view.clone() })
    }

    fn learn_process(&mut self, thread: i32, pid: i32, newcomer: Newcomer, pidfd: OwnedFd) {
        let origin = self.image_of(thread, newcomer.parent);
        let parent = self.tree.processes.get(&newcomer.parent);
        let image = origin.map(|id| &self.tree.images[id]);
        let job = image.map(|image| image.job).or(parent.map(|parent| parent.job)).unwrap_or(0);
        let mut process = Process::new(pid, parent.map(|parent| (parent.pid, parent.serial)), job);
        process.image = origin;
        process.ignored = image.is_some_and(|image| image.ignored);
        process.view = Some(newcomer.view);
        process.directory = parent.filter(|parent| !parent.moved).and_then(|parent| parent.directory.clone());
        self.deaths.watch(&pidfd, pid);
        process.pidfd = Some(pidfd);
        self.tree.insert(process);
    }

    fn shared_credentials(&self, credentials: &Credentials) -> Rc<Credentials> {
        if *credentials == *self.own.credentials {
            self.own.credentials.clone()
        } else {
            Rc::new(credentials.clone())
        }
    }

    fn read_view(&mut self, thread: i32, pid: i32) -> Option<View> {
        let credentials = procfs::status(thread).map(|status| self.shared_credentials(&status.credentials));
        let view = View { root: self.read_root(thread), credentials };
        if let Some(process) = self.tree.processes.get_mut(&pid).filter(|process| process.is_settled()) {
            process.view = Some(view.clone());
        }
        Some(view)
    }

    /// The thread's root directory, if names mean something else to it than to us.
    fn read_root(&mut self, thread: i32) -> Option<Root> {
        let same = |ours: &Option<Status>, theirs: &Option<Status>| match (ours, theirs) {
            (Some(ours), Some(theirs)) => ours.same_inode(theirs),
            _ => true,
        };
        let (ours, theirs) = (self.own.names(), Names::look(&thread.to_string()));
        let foreign = !same(&ours.namespace, &theirs.namespace);
        if !foreign && same(&ours.root, &theirs.root) {
            return None;
        }
        let link = format!("/proc/{thread}/root");
        let descriptor =
            sys::open_at(libc::AT_FDCWD, link.as_bytes(), libc::O_PATH | libc::O_DIRECTORY).ok()?;
        let origin = Origin { process: thread, thread, root: None, shared: false };
        let mut directory = self.resolver.describe(descriptor, &origin).ok()?;
        directory.foreign = foreign;
        Some(Root { directory: Rc::new(directory), foreign })
    }
}
