//! What each entry does to the record.

use crate::decode::{Seen, Words};
use crate::images::Images;
use crate::places::{Asked, Found, Places, Spot};
use roar_observe::tracer::Tracer;
use roar_observe::tree::JobId;
use roar_preload::entry::{Blind, Head, Kind};
use roar_preload::ring::Ring;
use roar_trace::fold::{Actor, Opening};
use roar_trace::sys;

/// Images and places by their numbers in the ring.
pub struct Worlds {
    pub images: Images,
    pub places: Places,
    /// Entries whose path can't be told.
    lost: u64,
}

/// Whose doing an entry is, and where it is recorded.
#[derive(Clone, Copy)]
pub struct Doer {
    pub job: JobId,
    pub actor: Actor,
}

impl Worlds {
    pub fn new(directory: &[u8]) -> Worlds {
        Worlds { images: Images::default(), places: Places::new(directory), lost: 0 }
    }

    pub fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }

    /// Takes an entry in; `None` if it makes no sense.
    pub fn take_in(
        &mut self,
        tracer: &mut Tracer,
        ring: &Ring,
        position: u64,
        kind: Kind,
        head: &Head,
        mut words: Words,
    ) -> Option<()> {
        let process = |number: u64| i32::try_from(number).ok();
        match kind {
            Kind::Start => {
                let directory = words.after_numbers(4)?.text()?;
                self.images.start(tracer, &mut self.places, head, words)?;
                if !directory.is_empty() {
                    self.places.add_directory(tracer, position, directory);
                }
            }
            Kind::Exec => self.images.announce(tracer, position, head, words)?,
            Kind::ExecFailed => self.images.fail(tracer, words.number()?),
            Kind::Spawned => self.images.spawned(tracer, words.number()?, process(words.number()?)?),
            Kind::Fork => self.images.learn(tracer, process(words.number()?)?, head.image),
            Kind::Exit => {
                let number = process(words.number()?)?;
                self.images.announce_end(tracer, number, words.number()? as i32);
            }
            Kind::Directory => self.places.add_directory(tracer, position, words.text()?),
            Kind::Root => {
                let path = words.text()?;
                self.places.add_root(position, head, path);
            }
            Kind::Blind => {
                if let (true, Some(doer)) =
                    (words.number()? == Blind::IoUring as u64, self.doer(tracer, head))
                {
                    let detail = "what is asked for through an io_uring passes no library function";
                    let recording = &mut tracer.jobs[doer.job].recording;
                    recording.add_gap("io_uring", Some(doer.actor.process), detail);
                }
            }
            Kind::Open
            | Kind::Rename
            | Kind::Link
            | Kind::Remove
            | Kind::Truncate
            | Kind::Map
            | Kind::Library
            | Kind::Destroy => {
                if let Some(doer) = self.doer(tracer, head) {
                    self.take_in_file(tracer, ring, kind, head, doer, words)?;
                }
            }
        }
        Some(())
    }

    fn doer(&self, tracer: &Tracer, head: &Head) -> Option<Doer> {
        let image = self.images.recorded(tracer, head.image)?;
        // What happens while a program starts has the time of its exec.
        let started_ns = || tracer.jobs[image.job].recording.process(image.line).map(|line| line.started_ns);
        let time_ns =
            Some(head.time_ns).filter(|&time| time != 0).or_else(started_ns).unwrap_or_else(sys::now_ns);
        let actor = Actor { process: image.line, time_ns, time_ms: tracer.now_ms };
        Some(Doer { job: image.job, actor })
    }

    fn take_in_file(
        &mut self,
        tracer: &mut Tracer,
        ring: &Ring,
        kind: Kind,
        head: &Head,
        doer: Doer,
        mut words: Words,
    ) -> Option<()> {
        match kind {
            Kind::Open | Kind::Destroy => {
                let flags = words.number()? as i32;
                let was_there = kind == Kind::Destroy || words.number()? != 0;
                let seen = words.status()?;
                let (path, true_path) = (words.text()?, words.text()?);
                let follow = flags & libc::O_NOFOLLOW == 0 && flags & libc::O_EXCL == 0;
                let asked = Asked { path, true_path, follow, file: seen.identity };
                let spot = self.place(tracer, head, doer, &asked);
                if kind == Kind::Destroy {
                    self.destroying(tracer, ring, doer, spot.as_ref(), flags, &seen);
                } else if let (Some(spot), true) = (spot, seen.is_file()) {
                    let before = seen.identity.filter(|_| was_there);
                    let how = Opening::from_flags(flags);
                    tracer.jobs[doer.job].recording.opened(&spot.at(), how, before, &doer.actor);
                }
            }
            Kind::Rename => self.renamed(tracer, head, doer, words)?,
            Kind::Link => self.linked(tracer, head, doer, words)?,
            _ => {
                let size = if kind == Kind::Truncate { words.number()? } else { 0 };
                let seen = words.status()?;
                let path = words.text()?;
                let follow = kind != Kind::Remove;
                let asked = Asked { path, true_path: &[], follow, file: seen.identity };
                let (Some(identity), true) = (seen.identity, seen.is_file()) else { return Some(()) };
                let Some(spot) = self.place(tracer, head, doer, &asked) else { return Some(()) };
                let (at, actor) = (spot.at(), &doer.actor);
                let path = tracer.resolver.directories.path(spot.directory, &spot.name);
                let recording = &mut tracer.jobs[doer.job].recording;
                match kind {
                    Kind::Remove => recording.removed(&at, identity, actor),
                    Kind::Truncate => recording.truncated(&at, size == 0, identity, actor),
                    Kind::Map if is_in_memory(&path) => recording.mapped_writable(&at, identity, actor),
                    Kind::Map => {}
                    _ => {
                        let how = Opening { read: true, ..Opening::default() };
                        recording.opened(&at, how, Some(identity), actor);
                    }
                }
            }
        }
        Some(())
    }

    /// Where a path leads, if that is recorded; takes note of what is not.
    pub fn place(&mut self, tracer: &mut Tracer, head: &Head, doer: Doer, asked: &Asked) -> Option<Spot> {
        match self.places.find(tracer, head, asked) {
            Found::Spot(spot) if tracer.is_wanted(doer.job, &spot.at()) => return Some(spot),
            Found::Spot(_) | Found::Unrecorded => {}
            Found::Unknown => self.lost += 1,
            Found::Foreign => {
                let detail =
                    "a file of another mount namespace, which this one does not show under that name";
                let recording = &mut tracer.jobs[doer.job].recording;
                recording.add_gap("other_namespace", Some(doer.actor.process), detail);
            }
        }
        None
    }

    /// Digests a file that is about to be destroyed, if the job has read it, or reads it now. Its writer waits.
    fn destroying(
        &mut self,
        tracer: &mut Tracer,
        ring: &Ring,
        doer: Doer,
        spot: Option<&Spot>,
        flags: i32,
        seen: &Seen,
    ) {
        let Some(identity) = seen.identity else { return };
        if let Some(spot) = spot {
            let path = tracer.resolver.directories.path(spot.directory, &spot.name);
            let job = &mut tracer.jobs[doer.job];
            let how = Opening::from_flags(flags);
            let reads = how.read && how.write && !how.truncate;
            if identity.size <= job.preserve_limit && job.recording.needs_digest(&spot.at(), identity, reads)
            {
                let file = roar_trace::digest::open_unchanged(&path, identity);
                let preserved = file.and_then(|file| {
                    roar_trace::digest::preserve_unchanged(file, identity, job.keep.as_deref())
                });
                if let Ok(preserved) = preserved {
                    job.recording.keep_digest(&spot.at(), identity, preserved, &doer.actor);
                }
            }
        }
        ring.marks().settle(identity.device, identity.inode);
    }
}

/// tmpfs, ramfs, hugetlbfs: writing through a mapping may leave the times alone.
fn is_in_memory(path: &[u8]) -> bool {
    use std::os::fd::AsRawFd;
    let file = sys::open_at(libc::AT_FDCWD, path, sys::O_PATH | libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let kind = file.and_then(|file| sys::filesystem_type(file.as_raw_fd()));
    kind.is_ok_and(sys::is_memory_backed)
}
