//! Running programs.

use crate::caller::Caller;
use crate::executable::Format;
use crate::memory::Pages;
use crate::procfs;
use crate::tracer::Tracer;
use crate::tree::PendingExec;
use roar_trace::identity::Identity;
use roar_trace::path::{text, Place, Target};
use roar_trace::process::Process as ProcessLine;
use roar_trace::{sys, Status};

/// Arguments beyond this are cut off.
const MOST_ARGUMENT_BYTES: usize = 2 << 20;
/// Interpreters of interpreters: the kernel's limit.
const MOST_INTERPRETERS: usize = 5;

/// What an exec will read, and whether it will succeed.
#[derive(Default)]
struct Plan {
    reads: Vec<(Place, Identity)>,
    plausible: bool,
    changes_credentials: bool,
}

impl Tracer {
    /// execve, execveat.
    pub fn exec(
        &mut self,
        caller: &Caller,
        descriptor: i32,
        path_address: u64,
        words_address: u64,
        flags: i32,
        pointer: usize,
    ) {
        let Some(path) = self.read_path(caller.thread, path_address) else { return };
        let from_descriptor = path.is_empty() && flags & libc::AT_EMPTY_PATH != 0;
        let target = if from_descriptor {
            self.descriptor_target(caller, descriptor)
        } else {
            self.resolve(caller, descriptor, &path, flags & libc::AT_SYMLINK_NOFOLLOW == 0)
        };
        let executable = self.absolute(caller, descriptor, &path, &target);
        self.path = path;
        let plan = match target {
            Target::Found(place, status) if status.is_file() => self.plan_exec(caller, place, &status),
            // memfd: a program without a name.
            Target::Unnamed(_) => Plan { plausible: true, ..Plan::default() },
            _ => return,
        };
        let directory = self.resolve_directory(caller, libc::AT_FDCWD, b"");
        let directory =
            directory.map_or(Vec::new(), |known| self.resolver.directories.text(known.id).to_vec());
        let arguments = Pages::new(caller.thread).strings(words_address, pointer, MOST_ARGUMENT_BYTES);
        let line = ProcessLine {
            id: 0,
            parent: self
                .tree
                .processes
                .get(&caller.process)
                .and_then(|process| process.image)
                .map(|_| caller.line),
            pid: caller.process,
            executable,
            arguments,
            directory,
            started_ns: sys::now_ns(),
            ended_ns: None,
            exit_code: None,
            signal: None,
        };
        self.set_pending(caller.process, caller.thread, line, plan);
    }

    fn set_pending(&mut self, pid: i32, thread: i32, line: ProcessLine, plan: Plan) {
        let Some(process) = self.tree.processes.get_mut(&pid) else { return };
        let known = process.image.and_then(|image| self.tree.images[image].fingerprint);
        process.pending = Some(Box::new(PendingExec {
            thread,
            line,
            reads: plan.reads,
            before: known.or_else(|| procfs::fingerprint(thread)),
            plausible: plan.plausible,
            changes_credentials: plan.changes_credentials,
        }));
    }

    /// An exec of roar's own doing: its image is told apart, and not recorded.
    pub fn exec_unrecorded(&mut self, thread: i32) {
        let Some(pid) = self.tree.process_of(thread, self.now_ms) else { return };
        if self.tree.processes.get(&pid).is_some_and(|process| process.ignored) {
            let line = ProcessLine {
                id: 0,
                parent: None,
                pid,
                executable: Vec::new(),
                arguments: Vec::new(),
                directory: Vec::new(),
                started_ns: sys::now_ns(),
                ended_ns: None,
                exit_code: None,
                signal: None,
            };
            self.set_pending(pid, thread, line, Plan { plausible: true, ..Plan::default() });
        }
    }

    /// The path as given, made absolute, links kept.
    fn absolute(&mut self, caller: &Caller, descriptor: i32, path: &[u8], target: &Target) -> Vec<u8> {
        if path.is_empty() {
            return match target {
                Target::Found(place, _) => self.resolver.directories.path(place.directory.id, &place.name),
                _ => format!("/proc/{}/fd/{descriptor}", caller.process).into_bytes(),
            };
        }
        if path.first() == Some(&b'/') {
            return path.to_vec();
        }
        let base = self.resolve_directory(caller, descriptor, b"");
        let base = base.map_or(Vec::new(), |known| self.resolver.directories.text(known.id).to_vec());
        text::absolute(&base, path)
    }

    /// Follows a program to its interpreters and its loader.
    fn plan_exec(&mut self, caller: &Caller, place: Place, status: &Status) -> Plan {
        let mut plan = Plan::default();
        let (mut place, mut status) = (place, *status);
        for _ in 0..=MOST_INTERPRETERS {
            if !caller.may_execute(&place.directory, &place.name, &status) {
                return plan;
            }
            let Some(format) = self.formats.of(place.directory.raw(), &place.name, status.identity) else {
                // To be run but not to be read.
                plan.plausible = true;
                self.add_read(caller, &mut plan, place, &status);
                return plan;
            };
            if plan.reads.is_empty() || !matches!(format, Format::Unknown) {
                self.check_set_id(caller, &mut plan, &place, &status);
            }
            self.add_read(caller, &mut plan, place, &status);
            let next = match format {
                Format::Unknown => return plan,
                Format::Program { loader: None } => {
                    plan.plausible = true;
                    return plan;
                }
                Format::Program { loader: Some(loader) } => {
                    if let Target::Found(place, status) = self.resolve(caller, libc::AT_FDCWD, &loader, true)
                    {
                        plan.plausible = status.is_file();
                        self.add_read(caller, &mut plan, place, &status);
                    }
                    return plan;
                }
                Format::Script { interpreter } => interpreter,
            };
            match self.resolve(caller, libc::AT_FDCWD, &next, true) {
                Target::Found(next, found) if found.is_file() => (place, status) = (next, found),
                _ => return plan,
            }
        }
        plan
    }

    fn add_read(&mut self, caller: &Caller, plan: &mut Plan, place: Place, status: &Status) {
        if status.is_file() && self.is_recorded(caller, &place) {
            plan.reads.push((place, status.identity));
        }
    }

    /// A program that would change its user: it can't, where the filter needed NO_NEW_PRIVS.
    fn check_set_id(&mut self, caller: &Caller, plan: &mut Plan, place: &Place, status: &Status) {
        let group_too = status.mode & (libc::S_ISGID | libc::S_IXGRP) == libc::S_ISGID | libc::S_IXGRP;
        if status.mode & libc::S_ISUID == 0 && !group_too {
            return;
        }
        plan.changes_credentials = true;
        let own = self.jobs[caller.job].recording.gaps.iter().any(|gap| gap.kind == "set_id");
        if self.no_new_privileges && !own {
            let path = self.resolver.directories.path(place.directory.id, &place.name);
            let path = String::from_utf8_lossy(&path).into_owned();
            let job = &mut self.jobs[caller.job];
            job.control.warning(&format!(
                "`{path}` runs without the privileges of its owner under this tracer; \
                 the ebpf and preload tracers leave them alone"
            ));
            job.recording.add_gap(
                "set_id",
                Some(caller.line),
                format!("`{path}` ran without its owner's privileges"),
            );
        }
    }
}
