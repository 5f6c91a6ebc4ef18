//! Programs that were started.

use crate::directories::absolute;
use crate::events::{Executed, Header};
use crate::members::Author;
use crate::named::own_origin;
use crate::source::Events;
use roar_observe::executable::Format;
use roar_observe::tracer::Tracer;
use roar_observe::tree::Image;
use roar_trace::fold::At;
use roar_trace::path::{text, Target};
use roar_trace::process::Process as ProcessLine;

/// Interpreters of interpreters: the kernel's limit.
const MOST_INTERPRETERS: usize = 5;
/// How the kernel names a program that is run by its descriptor.
const BY_DESCRIPTOR: &[u8] = b"/dev/fd/";

impl Events {
    pub fn executed(&mut self, tracer: &mut Tracer, header: &Header, executed: &Executed) {
        let pid = header.process;
        let (job, ignored, owned, old) = match tracer.tree.processes.get(&pid) {
            Some(process) => (process.job, process.ignored, process.owns_image, process.image),
            // A command whose end was seen before its beginning was told.
            None => match tracer.jobs.iter().rposition(|job| job.root == pid) {
                Some(job) => (job, false, false, None),
                None => return self.missed += 1,
            },
        };
        let ignored = ignored || old.is_some_and(|image| tracer.tree.images[image].ignored);
        let time_ns = header.time_ns.wrapping_add(self.clock_offset_ns);
        let mut image = Image { job, line: 0, fingerprint: None, ignored };
        if !ignored && tracer.jobs[job].is_open() {
            let parent = old.map(|image| tracer.tree.images[image].line);
            let line = self.process_line(tracer, header, executed, parent, time_ns);
            let recording = &mut tracer.jobs[job].recording;
            if let Some(line) = parent.filter(|_| owned).and_then(|line| recording.process_mut(line)) {
                line.ended_ns = Some(time_ns);
            }
            image.line = recording.add_process(line);
        }
        let author = Author { job, line: image.line };
        let id = tracer.tree.add_image(image);
        self.members.add_image(header.image, id);
        if let Some(process) = tracer.tree.processes.get_mut(&pid) {
            process.image = Some(id);
            process.owns_image = true;
            process.ignored = ignored;
        }
        if author.line != 0 {
            self.read_program(tracer, author, header, executed);
        }
    }

    fn process_line(
        &self,
        tracer: &Tracer,
        header: &Header,
        executed: &Executed,
        parent: Option<u32>,
        time_ns: u64,
    ) -> ProcessLine {
        let text_of = |mark: u64| {
            let known = self.directories.get(mark);
            known.map_or(&b""[..], |known| tracer.resolver.directories.text(known.id))
        };
        let directory = text_of(executed.current).to_vec();
        let executable = match executed.name {
            name if name.starts_with(BY_DESCRIPTOR) => {
                text::join(text_of(executed.file.directory), executed.file.name)
            }
            name => text::absolute(&directory, name),
        };
        ProcessLine {
            id: 0,
            parent,
            pid: header.process,
            executable,
            arguments: arguments(header.process, executed),
            directory,
            started_ns: time_ns,
            ended_ns: None,
            exit_code: None,
            signal: None,
        }
    }

    /// A program is read, its interpreters and its loader.
    fn read_program(&mut self, tracer: &mut Tracer, author: Author, header: &Header, executed: &Executed) {
        let actor = self.actor(author, header);
        let seen = if executed.file.inode == 0 { None } else { self.see(tracer, author, &executed.file) };
        if let Some(seen) = &seen {
            let at = At { directory: seen.directory, name: executed.file.name, spelled: None };
            tracer.jobs[author.job].recording.executed(&at, seen.identity, &actor);
        }
        let start = if executed.name.starts_with(b"/") { executed.root } else { executed.current };
        let (Some(start), Some(root)) = (self.directories.get(start), self.directories.get(executed.root))
        else {
            return;
        };
        let root = tracer.resolver.directories.text(root.id).to_vec();
        let mut path = if executed.name.starts_with(BY_DESCRIPTOR) {
            let Some(seen) = seen else { return };
            tracer.resolver.directories.path(seen.directory, executed.file.name)
        } else {
            absolute(tracer.resolver.directories.text(start.id), executed.name)
        };
        for _ in 0..=MOST_INTERPRETERS {
            let target = tracer.resolver.resolve(&own_origin(), None, &path, true, tracer.now_ms);
            let Target::Found(place, status) = target else { return };
            if !status.is_file() || place.directory.pseudo || start.foreign {
                return;
            }
            let ignored = tracer.ignore.iter().any(|prefix| path.starts_with(prefix));
            if !ignored {
                tracer.jobs[author.job].recording.executed(&place.at(), status.identity, &actor);
            }
            let format = tracer.formats.of(place.directory.raw(), &place.name, status.identity);
            path = match format {
                Some(Format::Program { loader: Some(next) }) => absolute(&root, &next),
                Some(Format::Script { interpreter }) => absolute(&root, &interpreter),
                _ => return,
            };
        }
    }
}

/// The arguments, from the program itself where they are too long for an event.
fn arguments(process: i32, executed: &Executed) -> Vec<Vec<u8>> {
    let mut words = executed.arguments.to_vec();
    if executed.argument_bytes > words.len() as u64 {
        let whole = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        if whole.starts_with(&words) {
            words = whole;
        }
    }
    let text = words.strip_suffix(b"\0").unwrap_or(&words);
    if words.is_empty() {
        return Vec::new();
    }
    text.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect()
}
