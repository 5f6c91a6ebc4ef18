//! Renamed and linked files.

use crate::decode::{Seen, Words};
use crate::events::{Doer, Worlds};
use crate::places::{Asked, Spot};
use roar_observe::folder::{self, Entry};
use roar_observe::tracer::Tracer;
use roar_preload::entry::Head;
use roar_trace::fold::At;
use roar_trace::path::text;
use roar_trace::sys;

const EXCHANGE: u64 = 2;
/// A renamed directory is renamed file by file up to this many.
const MOST_ENTRIES: usize = 10_000;

impl Worlds {
    /// `Kind::Rename`.
    pub fn renamed(&mut self, tracer: &mut Tracer, head: &Head, doer: Doer, mut words: Words) -> Option<()> {
        let (flags, was_displaced) = (words.number()?, words.number()? != 0);
        let (moved, other) = (words.status()?, words.status()?);
        let (from, to) = (words.text()?, words.text()?);
        let displaced = Some(other).filter(|_| was_displaced);
        if !moved.is_file() || displaced.is_some_and(|displaced| !displaced.is_file()) {
            tracer.forget_names();
        }
        let asked = |path| Asked { path, true_path: &[], follow: false, file: None };
        let from = self.place(tracer, head, doer, &asked(from));
        let to = self.place(tracer, head, doer, &Asked { file: moved.identity, ..asked(to) });
        let (Some(from), Some(to)) = (from, to) else { return Some(()) };
        if moved.is_directory() {
            rename_directory(tracer, doer, &from, &to, flags);
        } else {
            rename_file(tracer, doer, (&from, &moved), (&to, displaced), flags);
        }
        Some(())
    }

    /// `Kind::Link`.
    pub fn linked(&mut self, tracer: &mut Tracer, head: &Head, doer: Doer, mut words: Words) -> Option<()> {
        let (named, seen) = (words.number()? != 0, words.status()?);
        let (from, to) = (words.text()?, words.text()?);
        let identity = seen.identity?;
        let asked = |path| Asked { path, true_path: &[], follow: false, file: None };
        let from =
            if named { self.place(tracer, head, doer, &Asked { follow: true, ..asked(from) }) } else { None };
        let Some(to) = self.place(tracer, head, doer, &Asked { file: seen.identity, ..asked(to) }) else {
            return Some(());
        };
        let at = from.as_ref().map(Spot::at);
        let recording = &mut tracer.jobs[doer.job].recording;
        recording.linked(&tracer.resolver.directories, at.as_ref(), identity, &to.at(), &doer.actor);
        Some(())
    }
}

fn rename_file(
    tracer: &mut Tracer,
    doer: Doer,
    (from, moved): (&Spot, &Seen),
    (to, displaced): (&Spot, Option<Seen>),
    flags: u64,
) {
    let directories = &tracer.resolver.directories;
    let recording = &mut tracer.jobs[doer.job].recording;
    let displaced = displaced.filter(Seen::is_file).and_then(|displaced| displaced.identity);
    match (moved.identity.filter(|_| moved.is_file()), displaced) {
        (None, Some(displaced)) => recording.removed(&to.at(), displaced, &doer.actor),
        (None, None) => {}
        (Some(moved), Some(displaced)) if flags & EXCHANGE != 0 => {
            recording.exchanged(directories, (&from.at(), moved), (&to.at(), displaced), &doer.actor);
        }
        (Some(moved), displaced) => {
            recording.renamed(directories, &from.at(), moved, &to.at(), displaced, &doer.actor);
        }
    }
}

/// Renames what is in a directory, file by file, as its new name lists them.
fn rename_directory(tracer: &mut Tracer, doer: Doer, from: &Spot, to: &Spot, flags: u64) {
    let old = tracer.resolver.directories.path(from.directory, &from.name);
    let new = tracer.resolver.directories.path(to.directory, &to.name);
    let entries = match folder::files_below(libc::AT_FDCWD, &new, MOST_ENTRIES) {
        Some(entries) if flags & EXCHANGE == 0 => entries,
        _ => {
            let detail = format!("`{}` is too large to be followed", String::from_utf8_lossy(&old));
            let recording = &mut tracer.jobs[doer.job].recording;
            return recording.add_gap("directory_renamed", Some(doer.actor.process), detail);
        }
    };
    let tick = sys::file_time_tick_ns();
    for Entry { folder, name, identity } in entries {
        let directories = &mut tracer.resolver.directories;
        let was = directories.intern(&text::join(&old, &folder));
        let is = directories.intern(&text::join(&new, &folder));
        let was = At { directory: was, name: &name, spelled: None };
        let is = At { directory: is, name: &name, spelled: None };
        let recording = &mut tracer.jobs[doer.job].recording;
        let changed = identity.ctime_ns as u64;
        let since_start = recording.processes.first().is_some_and(|root| changed >= root.started_ns);
        let may_be_newer = since_start && changed + tick > doer.actor.time_ns;
        if may_be_newer && recording.present(&was).is_none() {
            continue; // made since, under the new name
        }
        recording.renamed(directories, &was, identity, &is, None, &doer.actor);
    }
}
