//! The descriptors that the command inherits: `prog < in > out` has an input and an output.

use crate::tracer::Tracer;
use roar_launch::descriptors::open_descriptors;
use roar_trace::fold::{Actor, Opening};
use roar_trace::path::place::Origin;
use roar_trace::path::Target;
use roar_trace::sys;
use std::os::fd::RawFd;

/// The descriptors that an exec passes on, which are the command's. All of ours are closed at an exec.
pub fn descriptors() -> Vec<RawFd> {
    // SAFETY: a plain system call, harmless on numbers that are not open.
    let flags = |descriptor: RawFd| unsafe { libc::fcntl(descriptor, libc::F_GETFD) };
    let is_passed_on = |descriptor: &RawFd| matches!(flags(*descriptor), flags if flags >= 0 && flags & libc::FD_CLOEXEC == 0);
    open_descriptors().into_iter().filter(is_passed_on).collect()
}

impl Tracer {
    /// Looks at open descriptors of our own, which the command will inherit.
    pub fn look_at_inherited(&mut self, descriptors: &[RawFd]) {
        self.now_ms = sys::coarse_ms();
        let process = std::process::id() as i32;
        let origin = Origin { process, thread: process, root: None, shared: true };
        // The command's first image is the first process of the report.
        let actor = Actor { process: 1, time_ns: sys::now_ns(), time_ms: self.now_ms };
        for &descriptor in descriptors {
            let Ok(status) = sys::stat_descriptor(descriptor) else { continue };
            // SAFETY: a plain system call.
            let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFL) };
            if !status.is_file() || flags < 0 || sys::is_name_only(flags) {
                continue;
            }
            let mut buffer = [0u8; 4352];
            let Ok(path) = sys::descriptor_path(&descriptor, &mut buffer) else { continue };
            let Target::Found(place, status) = self.resolver.named(&origin, path, status, self.now_ms) else {
                continue;
            };
            if place.directory.pseudo {
                continue;
            }
            let how = Opening::from_flags(flags);
            if how.read && how.write {
                self.preserve_inherited(&place, &status, &actor);
            }
            // SAFETY: a plain system call.
            let at_start = unsafe { libc::lseek(descriptor, 0, libc::SEEK_CUR) } == 0;
            let emptied =
                descriptor <= 2 && !how.read && !how.append && at_start && status.identity.size == 0;
            self.jobs[0].recording.inherited(&place.at(), how, status.identity, emptied, &actor);
        }
    }

    fn preserve_inherited(
        &mut self,
        place: &roar_trace::path::Place,
        status: &roar_trace::Status,
        actor: &Actor,
    ) {
        let job = &mut self.jobs[0];
        if status.identity.size > job.preserve_limit {
            return;
        }
        let file = roar_trace::digest::open(place.directory.raw(), &place.name);
        let preserved =
            file.and_then(|mut file| roar_trace::digest::preserve(&mut file, job.keep.as_deref()));
        if let Ok(preserved) = preserved {
            job.recording.keep_digest(&place.at(), status.identity, preserved, actor);
        }
    }
}
