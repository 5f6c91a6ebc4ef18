//! The program images of the job, by the numbers that the ring gives them, and the processes that run them.

use crate::decode::{Seen, Words};
use crate::places::{Asked, Found, Places};
use crate::running::{self, Running};
use crate::unseen::{self, Unseen};
use hashbrown::HashMap;
use roar_launch::outcome::Outcome;
use roar_observe::fingerprint::Fingerprint;
use roar_observe::tracer::Tracer;
use roar_observe::tree::{Image, ImageId, JobId, PendingExec, Process};
use roar_preload::entry::Head;
use roar_preload::execute::Expected;
use roar_preload::plan::MOST_FILES;
use roar_trace::fold::Actor;
use roar_trace::path::text;
use roar_trace::process::Process as ProcessLine;
use roar_trace::sys;

/// A program that is to be loaded with the library says so after this long at the latest.
const MOST_SILENCE_MS: u64 = 5000;
/// An exec that can't be observed has failed within this time, or succeeded.
const MOST_DOUBT_MS: u64 = 50;

/// An exec that has been announced, and has neither failed nor led to a start yet.
struct Announced {
    expected: Expected,
    /// 0: a spawn, whose process is not known yet.
    process: i32,
    parent: u64,
    head: Head,
    path: Vec<u8>,
    directory: Vec<u8>,
    arguments: Vec<Vec<u8>>,
    files: Vec<(Vec<u8>, Seen)>,
    time_ms: u64,
    started_ns: u64,
}

impl Announced {
    fn absolute_files(&self) -> Vec<Vec<u8>> {
        self.files.iter().map(|(path, _)| text::absolute(&self.directory, path)).collect()
    }
}

#[derive(Default)]
pub struct Images {
    known: HashMap<u64, ImageId>,
    announced: HashMap<u64, Announced>,
    /// Processes that had ended before they could be watched.
    gone: Vec<i32>,
    /// The user has been warned of a program that nothing could be loaded into: once is enough.
    warned: bool,
}

impl Images {
    /// The image of that number, if it is recorded.
    pub fn recorded<'a>(&self, tracer: &'a Tracer, number: u64) -> Option<&'a Image> {
        let image = tracer.tree.images.get(*self.known.get(&number)?)?;
        (!image.ignored && tracer.jobs[image.job].is_open()).then_some(image)
    }

    /// `Kind::Exec`.
    pub fn announce(
        &mut self,
        tracer: &mut Tracer,
        number: u64,
        head: &Head,
        mut words: Words,
    ) -> Option<()> {
        let process = i32::try_from(words.number()?).ok()?;
        let expected = match words.number()? {
            1 => Expected::Start,
            2 => Expected::Opaque,
            3 => Expected::OtherIdentity,
            _ => return None,
        };
        let count = usize::try_from(words.number()?).ok().filter(|&count| count <= MOST_FILES)?;
        let statuses: Vec<Seen> = (0..count).map(|_| words.status()).collect::<Option<_>>()?;
        let (path, directory) = (words.text()?.to_vec(), words.text()?.to_vec());
        let mut files = Vec::with_capacity(count);
        for (index, status) in statuses.into_iter().enumerate() {
            files.push((if index == 0 { path.clone() } else { words.text()?.to_vec() }, status));
        }
        let mut arguments = Vec::new();
        while !words.is_empty() {
            arguments.push(words.text()?.to_vec());
        }
        let (time_ms, started_ns, parent) = (tracer.now_ms, head.time_ns, head.image);
        let exec = Announced {
            expected,
            process,
            parent,
            head: *head,
            path,
            directory,
            arguments,
            files,
            time_ms,
            started_ns,
        };
        if process > 0 {
            self.learn(tracer, process, parent);
            self.set_pending(tracer, process, &exec);
        }
        self.announced.insert(number, exec);
        Some(())
    }

    /// `Kind::ExecFailed`.
    pub fn fail(&mut self, tracer: &mut Tracer, number: u64) {
        let Some(exec) = self.announced.remove(&number) else { return };
        if let Some(process) = tracer.tree.processes.get_mut(&exec.process) {
            process.pending = None;
        }
    }

    /// `Kind::Spawned`: the process in which an announced program runs.
    pub fn spawned(&mut self, tracer: &mut Tracer, number: u64, process: i32) {
        let Some(mut exec) = self.announced.remove(&number) else { return };
        exec.process = process;
        self.learn(tracer, process, exec.parent);
        self.set_pending(tracer, process, &exec);
        self.announced.insert(number, exec);
    }

    /// `Kind::Start`: an announced program runs and can be heard.
    pub fn start(
        &mut self,
        tracer: &mut Tracer,
        places: &mut Places,
        head: &Head,
        mut words: Words,
    ) -> Option<()> {
        let said = i32::try_from(words.number()?).ok()?;
        let (address, random) = (words.number()?, [words.number()?, words.number()?]);
        let exec = match self.announced.remove(&head.image) {
            Some(exec) => exec,
            // It was announced, but there was no room.
            None if !self.known.contains_key(&head.image) => found_running(head, said, tracer.now_ms)?,
            None => return Some(()),
        };
        let process = if said > 0 { said } else { exec.process };
        self.learn(tracer, process, exec.parent);
        if tracer.tree.processes.get(&process).is_some_and(|process| process.pending.is_none()) {
            self.set_pending(tracer, process, &exec);
        }
        let mut bytes = [0u8; 16];
        bytes[..8].copy_from_slice(&random[0].to_le_bytes());
        bytes[8..].copy_from_slice(&random[1].to_le_bytes());
        let fingerprint = (address != 0).then(|| Fingerprint::new(address, bytes));
        tracer.commit_exec(process, fingerprint);
        let image = tracer.tree.processes.get(&process)?.image?;
        self.known.insert(head.image, image);
        note_reads(tracer, places, image, &exec);
        Some(())
    }

    /// A process of the job: one that was forked by, or runs in place of, the image of that number.
    pub fn learn(&mut self, tracer: &mut Tracer, process: i32, image: u64) {
        if process <= 0 || tracer.tree.processes.contains_key(&process) {
            return;
        }
        let image = self.known.get(&image).copied();
        let known = image.and_then(|image| tracer.tree.images.get(image));
        let (job, ignored) = known.map_or((0, false), |image| (image.job, image.ignored));
        let mut new = Process::new(process, None, job);
        new.image = image;
        new.ignored = ignored;
        if !tracer.deaths.follow(&mut new) {
            self.gone.push(process);
        }
        tracer.tree.insert(new);
    }

    /// `Kind::Exit`.
    pub fn announce_end(&mut self, tracer: &mut Tracer, process: i32, code: i32) {
        if let Some(process) = tracer.tree.processes.get_mut(&process) {
            process.announced = Some(Outcome::Exited(code));
        }
    }

    fn set_pending(&self, tracer: &mut Tracer, pid: i32, exec: &Announced) {
        let Some(process) = tracer.tree.processes.get(&pid) else { return };
        let parent = self.known.get(&exec.parent).and_then(|&image| tracer.tree.images.get(image));
        // The first image of a job has no parent, whoever has forked it.
        let parent =
            parent.filter(|image| image.job == process.job && !image.ignored).map(|image| image.line);
        let executable = match exec.path.first() {
            Some(b'/') => exec.path.clone(),
            _ => text::absolute(&exec.directory, &exec.path),
        };
        let line = ProcessLine {
            id: 0,
            parent,
            pid,
            executable,
            arguments: exec.arguments.clone(),
            directory: exec.directory.clone(),
            started_ns: exec.started_ns,
            ended_ns: None,
            exit_code: None,
            signal: None,
        };
        let pending = PendingExec {
            thread: pid,
            line,
            reads: Vec::new(),
            before: None,
            plausible: true,
            changes_credentials: false,
        };
        if let Some(process) = tracer.tree.processes.get_mut(&pid) {
            process.pending = Some(Box::new(pending));
        }
    }

    /// Settles what time has settled: who ended before he could be watched, and execs that led to silence.
    pub fn conclude(&mut self, tracer: &mut Tracer) {
        for process in std::mem::take(&mut self.gone) {
            tracer.process_ended(process, None);
        }
        if self.announced.is_empty() {
            return;
        }
        let now_ms = tracer.now_ms;
        let is_over = |exec: &Announced| {
            let age_ms = now_ms.saturating_sub(exec.time_ms);
            let has_ended = exec.process > 0 && !tracer.tree.processes.contains_key(&exec.process);
            let patience_ms = if exec.expected == Expected::Start { MOST_SILENCE_MS } else { MOST_DOUBT_MS };
            has_ended || age_ms > patience_ms
        };
        let over: Vec<u64> =
            self.announced.iter().filter(|(_, exec)| is_over(exec)).map(|(&number, _)| number).collect();
        for number in over {
            if let Some(exec) = self.announced.remove(&number) {
                self.note_silence(tracer, &exec);
            }
        }
    }

    /// A program has run, or runs, unobserved.
    fn note_silence(&mut self, tracer: &mut Tracer, exec: &Announced) {
        let (job, line) = self.place_of(tracer, exec);
        let name = String::from_utf8_lossy(&exec.path).into_owned();
        let unseen = |kind, detail| Unseen { kind, detail, warning: None };
        let Unseen { kind, detail, warning } = match exec.expected {
            Expected::OtherIdentity => unseen(
                "set_id",
                format!("`{name}` runs with other rights than its caller, and is not looked into"),
            ),
            Expected::Opaque => unseen::explain(&name, &exec.absolute_files()),
            Expected::Start => unseen("static", format!("`{name}` was not heard of after its start")),
        };
        if tracer.jobs[job].is_open() {
            tracer.jobs[job].recording.add_gap(kind, line, detail);
            if let Some(warning) = warning.filter(|_| !self.warned) {
                tracer.jobs[job].control.warning(&warning);
                self.warned = true;
            }
        }
    }

    fn place_of(&self, tracer: &Tracer, exec: &Announced) -> (JobId, Option<u32>) {
        let process = tracer.tree.processes.get(&exec.process);
        let image = process.and_then(|process| process.image).or(self.known.get(&exec.parent).copied());
        let image = image.and_then(|image| tracer.tree.images.get(image));
        let job = process.map(|process| process.job).or(image.map(|image| image.job)).unwrap_or(0);
        (job, image.filter(|image| image.job == job).map(|image| image.line))
    }
}

/// The program, its interpreters and its loader have been read.
fn note_reads(tracer: &mut Tracer, places: &mut Places, image: ImageId, exec: &Announced) {
    let Some(Image { job, line, ignored: false, .. }) = tracer.tree.images.get(image) else { return };
    let (job, line) = (*job, *line);
    let actor = Actor { process: line, time_ns: exec.started_ns, time_ms: sys::coarse_ms() };
    for (path, seen) in &exec.files {
        let (Some(identity), true) = (seen.identity, seen.is_file()) else { continue };
        let whole = text::absolute(&exec.directory, path);
        let asked = Asked { path: &whole, true_path: &[], follow: true, file: seen.identity };
        if let Found::Spot(spot) = places.find(tracer, &exec.head, &asked) {
            if tracer.is_wanted(job, &spot.at()) {
                tracer.jobs[job].recording.executed(&spot.at(), identity, &actor);
            }
        }
    }
}

/// What can be told of a program whose exec is not known.
fn found_running(head: &Head, process: i32, now_ms: u64) -> Option<Announced> {
    (process > 0).then(|| {
        let Running { path, arguments, directory } = running::look_at(process);
        Announced {
            expected: Expected::Start,
            process,
            parent: 0,
            head: *head,
            path,
            directory,
            arguments,
            files: Vec::new(),
            time_ms: now_ms,
            started_ns: sys::now_ns(),
        }
    })
}
