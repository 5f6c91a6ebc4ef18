//! Files that were opened or mapped.

use crate::events::{self, Header};
use crate::members::Author;
use crate::source::Events;
use roar_observe::tracer::Tracer;
use roar_trace::fold::{Actor, At, Opening};
use roar_trace::identity::Identity;
use roar_trace::path::directories::DirectoryId;
use roar_trace::path::text;
use roar_trace::sys;

/// A file of the kernel's as our own system calls show it.
pub struct Seen {
    pub directory: DirectoryId,
    pub identity: Identity,
}

impl Events {
    pub fn opened(&mut self, tracer: &mut Tracer, header: &Header, file: &events::File) {
        let Some(author) = self.members.author(tracer, header) else { return self.check_image(header) };
        let Some(seen) = self.see(tracer, author, file) else { return };
        let actor = self.actor(author, header);
        let at = At { directory: seen.directory, name: file.name, spelled: None };
        if header.kind == events::MAPPED {
            return tracer.jobs[author.job].recording.mapped_writable(&at, seen.identity, &actor);
        }
        let how = Opening::from_flags(file.flags as i32);
        let created = file.flags & events::CREATED != 0;
        let before = match () {
            () if created => None,
            // What it was is gone.
            () if how.truncate => Some(seen.identity.without_state()),
            () => Some(seen.identity),
        };
        if created || how.truncate {
            self.let_go(tracer, author, &at, &actor);
        }
        tracer.jobs[author.job].recording.opened(&at, how, before, &actor);
        if how.read && !created && !how.truncate {
            let directory = tracer.resolver.directories.text(seen.directory);
            self.held.hold(directory, &at, seen.identity, header.time_ns);
        }
    }

    /// Digests what is held of a name whose file is gone.
    pub fn let_go(&mut self, tracer: &mut Tracer, author: Author, at: &At, actor: &Actor) {
        let job = &mut tracer.jobs[author.job];
        let (limit, keep) = (job.preserve_limit, job.keep.clone());
        self.held.release(&mut job.recording, at, limit, keep.as_deref(), actor);
    }

    /// The file's directory and identity; `None` if it is not recorded, with a note of why.
    pub fn see(&mut self, tracer: &mut Tracer, author: Author, file: &events::File) -> Option<Seen> {
        let Some(known) = self.directories.get(file.directory) else {
            self.missed += 1;
            return None;
        };
        let mut identity = Identity {
            device: device(file.device),
            inode: file.inode,
            size: file.size,
            mtime_ns: file.mtime_ns,
            ctime_ns: file.ctime_ns,
        };
        let path = || text::join(tracer.resolver.directories.text(known.id), file.name);
        let look = |path: &[u8]| sys::stat_at(libc::AT_FDCWD, path, libc::AT_SYMLINK_NOFOLLOW).ok();
        if known.foreign {
            let same = look(&path()).is_some_and(|now| {
                now.identity.inode == identity.inode && self.shows(file.device, now.identity.device)
            });
            if !same {
                let detail =
                    "a file of another mount namespace, which this one does not show under that name";
                tracer.jobs[author.job].recording.add_gap("other_namespace", Some(author.line), detail);
                return None;
            }
        }
        if !tracer.ignore.is_empty() {
            let path = path();
            if tracer.ignore.iter().any(|prefix| path.starts_with(prefix)) {
                tracer.jobs[author.job].recording.ignored += 1;
                return None;
            }
        }
        // Some filesystems (btrfs, overlayfs) show other numbers than they keep.
        let plain = match self.plain_devices.get(&file.device) {
            Some(plain) => *plain,
            None => match look(&path()) {
                Some(now) if now.is_file() => {
                    let plain =
                        (now.identity.device, now.identity.inode) == (identity.device, identity.inode);
                    self.plain_devices.insert(file.device, plain);
                    plain
                }
                _ => true,
            },
        };
        if !plain {
            identity = look(&path()).filter(|now| now.is_file()).map_or(identity, |now| now.identity);
        }
        Some(Seen { directory: known.id, identity })
    }

    /// Whether a device of the kernel's is shown under this number.
    fn shows(&self, kernel_device: u32, shown: u64) -> bool {
        device(kernel_device) == shown || self.plain_devices.get(&kernel_device) == Some(&false)
    }

    pub fn actor(&self, author: Author, header: &Header) -> Actor {
        let time_ns = header.time_ns.wrapping_add(self.clock_offset_ns);
        Actor { process: author.line, time_ns, time_ms: header.time_ns / 1_000_000 }
    }
}

/// The kernel's device number as stat(2) shows it.
pub fn device(kernel: u32) -> u64 {
    const MINOR_BITS: u32 = 20;
    libc::makedev(kernel >> MINOR_BITS, kernel & ((1 << MINOR_BITS) - 1))
}
