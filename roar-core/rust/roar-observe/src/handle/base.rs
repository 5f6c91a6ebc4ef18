//! Where a caller's paths start, and what is at their end.

use crate::caller::{self, Caller};
use crate::tracer::Tracer;
use crate::tree::WorkingDirectory;
use roar_trace::path::place::OpenDirectory;
use roar_trace::path::{Place, Target};
use roar_trace::sys::{self, Errno};
use roar_trace::Status;
use std::rc::Rc;

/// Changes of a directory's name by others than the job show up after at most this long.
const MAX_AGE_MS: u64 = 100;
const DIRECTORY: i32 = libc::O_PATH | libc::O_DIRECTORY;

impl Tracer {
    /// The directory that a relative path starts from; `None` for an absolute one.
    fn base(
        &mut self,
        caller: &Caller,
        descriptor: i32,
        path: &[u8],
    ) -> sys::Result<Option<Rc<OpenDirectory>>> {
        if path.first() == Some(&b'/') {
            return Ok(None);
        }
        if descriptor != libc::AT_FDCWD {
            return self
                .open_directory(caller, &format!("/proc/{}/fd/{descriptor}", caller.thread))
                .map(Some);
        }
        let process = self.tree.processes.get(&caller.process).ok_or(Errno(libc::ESRCH))?;
        let settled = process.is_settled();
        if let Some(known) = process.directory.as_ref().filter(|_| settled) {
            if self.now_ms.saturating_sub(known.checked_ms) <= MAX_AGE_MS {
                return Ok(Some(known.directory.clone()));
            }
        }
        let directory = self.open_directory(caller, &format!("/proc/{}/cwd", caller.thread))?;
        let known =
            settled.then(|| WorkingDirectory { directory: directory.clone(), checked_ms: self.now_ms });
        self.keep_directory(caller.process, known);
        Ok(Some(directory))
    }

    /// Keeps a working directory, for the parent as well if neither has ever moved: more children may come.
    fn keep_directory(&mut self, pid: i32, known: Option<WorkingDirectory>) {
        let Some(process) = self.tree.processes.get_mut(&pid) else { return };
        process.directory.clone_from(&known);
        let Some((parent, serial)) = process.parent.filter(|_| !process.moved && known.is_some()) else {
            return;
        };
        let parent = self.tree.processes.get_mut(&parent).filter(|parent| parent.serial == serial);
        if let Some(parent) = parent.filter(|parent| !parent.moved && parent.is_settled()) {
            parent.directory = known;
        }
    }

    fn open_directory(&mut self, caller: &Caller, link: &str) -> sys::Result<Rc<OpenDirectory>> {
        let descriptor = sys::open_at(libc::AT_FDCWD, link.as_bytes(), DIRECTORY)?;
        self.resolver.describe_deep(descriptor, &caller.origin()).map(Rc::new)
    }

    /// The directory and name that a path argument means; nothing is asked about the name yet.
    pub fn locate(&mut self, caller: &Caller, descriptor: i32, path: &[u8]) -> Option<Place> {
        let base = self.base(caller, descriptor, path).ok()?;
        let now_ms = self.now_ms;
        let origin = caller.origin();
        self.with_permissions(caller, |tracer| tracer.resolver.locate(&origin, base.as_ref(), path, now_ms))
    }

    /// What is at a place.
    pub fn look(&mut self, caller: &Caller, place: Place, follow: bool) -> Target {
        let now_ms = self.now_ms;
        let origin = caller.origin();
        self.with_permissions(caller, |tracer| tracer.resolver.look(&origin, place, follow, now_ms))
    }

    /// `locate` and `look` in one.
    pub fn resolve(&mut self, caller: &Caller, descriptor: i32, path: &[u8], follow: bool) -> Target {
        match self.locate(caller, descriptor, path) {
            Some(place) => self.look(caller, place, follow),
            None => Target::Nothing,
        }
    }

    /// A directory that a path argument means.
    pub fn resolve_directory(
        &mut self,
        caller: &Caller,
        descriptor: i32,
        path: &[u8],
    ) -> Option<Rc<OpenDirectory>> {
        let base = self.base(caller, descriptor, path).ok()?;
        self.resolver
            .directory(&caller.origin(), base.as_ref(), path, self.now_ms)
            .ok()
            .map(|known| known.directory)
    }

    /// The file behind one of the caller's descriptors.
    pub fn descriptor_target(&mut self, caller: &Caller, descriptor: i32) -> Target {
        let link = format!("/proc/{}/fd/{descriptor}", caller.thread);
        let Ok(status) = sys::stat_at(libc::AT_FDCWD, link.as_bytes(), 0) else { return Target::Nothing };
        if !status.is_file() {
            return Target::Nothing;
        }
        let mut buffer = [0u8; 4352];
        match sys::read_link_at(libc::AT_FDCWD, link.as_bytes(), &mut buffer) {
            Ok(path) => self.resolver.named(&caller.origin(), path, status, self.now_ms),
            Err(_) => Target::Unnamed(status),
        }
    }

    fn with_permissions<T>(&mut self, caller: &Caller, question: impl FnOnce(&mut Tracer) -> T) -> T {
        match &caller.view.credentials {
            Some(credentials) if caller.other_credentials => caller::as_if(credentials, || question(self)),
            _ => question(self),
        }
    }

    /// Whether a place is recorded at all; takes note of what is not.
    pub fn is_recorded(&mut self, caller: &Caller, place: &Place) -> bool {
        if place.directory.pseudo {
            return false;
        }
        let recording = &mut self.jobs[caller.job].recording;
        if place.directory.foreign {
            let detail = "a file of another mount namespace, which this one does not show under that name";
            recording.add_gap("other_namespace", Some(caller.line), detail);
            return false;
        }
        self.is_wanted(caller.job, &place.at())
    }

    /// Digests a file's bytes, if the job has read them (or `reads` them now) and is about to destroy them.
    pub fn preserve(&mut self, caller: &Caller, place: &Place, status: &Status, reads: bool) {
        let actor = self.actor(caller);
        let job = &mut self.jobs[caller.job];
        if status.identity.size > job.preserve_limit
            || !job.recording.needs_digest(&place.at(), status.identity, reads)
        {
            return;
        }
        let Ok(mut file) = roar_trace::digest::open(place.directory.raw(), &place.name) else { return };
        if let Ok(preserved) = roar_trace::digest::preserve(&mut file, job.keep.as_deref()) {
            job.recording.keep_digest(&place.at(), status.identity, preserved, &actor);
        }
    }
}
