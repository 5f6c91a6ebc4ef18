//! A scratch folder, the tracer's binary, and its report.
#![allow(dead_code)] // each test file uses its own part

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::OnceLock;

/// The program of the package that these tests are compiled for.
pub const TRACER: &str = match (
    option_env!("CARGO_BIN_EXE_roar-tracer-ptrace"),
    option_env!("CARGO_BIN_EXE_roar-tracer-preload"),
    option_env!("CARGO_BIN_EXE_roar-tracer-ebpf"),
) {
    (Some(program), _, _) | (None, Some(program), _) | (None, None, Some(program)) => program,
    (None, None, None) => panic!("no tracer"),
};

/// A folder of a test's own, removed at its end.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new() -> Scratch {
        need_usable_tracer();
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Scratch(folder.canonicalize().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn report(&self) -> PathBuf {
        self.path("report.jsonl")
    }

    /// The tracer, ready to run a shell script here.
    pub fn tracer(&self, options: &[&str], script: &str) -> Command {
        let mut command = Command::new(TRACER);
        command.arg("--report").arg(self.report()).args(options).args(["--", "sh", "-c", script]);
        command.current_dir(&self.0).stdin(Stdio::null());
        command
    }

    pub fn run(&self, script: &str) -> Output {
        self.tracer(&[], script).output().unwrap()
    }

    pub fn lines(&self) -> Vec<Value> {
        lines(&self.report())
    }

    /// The report's line of a file in this folder.
    pub fn file(&self, name: &str) -> Option<Value> {
        let path = self.path(name);
        self.lines().into_iter().find(|line| line["type"] == "file" && line["path"] == path.to_str().unwrap())
    }

    pub fn end(&self) -> Value {
        let end = self.lines().pop().unwrap();
        assert_eq!(end["type"], "end");
        end
    }

    pub fn gaps(&self) -> Vec<String> {
        gaps(&self.lines())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Ends the whole test program, as one that was skipped, where the tracer can't work: libtest can't skip by itself.
fn need_usable_tracer() {
    static REFUSAL: OnceLock<Option<String>> = OnceLock::new();
    let refusal = REFUSAL.get_or_init(|| {
        let probe = Command::new(TRACER).arg("--probe").output().unwrap();
        let answer: Value = serde_json::from_slice(&probe.stdout).unwrap();
        (answer["usable"] != true).then(|| format!("{}; {}", answer["reason"], answer["hint"]))
    });
    if let Some(reason) = refusal {
        let skipped = format!("test result: ok. 0 passed; 0 failed; 1 ignored: skipped, since {reason}\n");
        // Past libtest, which would keep it to itself.
        std::io::stderr().write_all(skipped.as_bytes()).unwrap();
        std::process::exit(0);
    }
}

pub fn lines(report: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(report).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn gaps(lines: &[Value]) -> Vec<String> {
    let gaps = lines.iter().filter(|line| line["type"] == "gap");
    gaps.map(|line| line["kind"].as_str().unwrap().to_owned()).collect()
}

/// The BLAKE3 digest of some bytes.
pub fn roar_digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// Asks until `question` is answered, for at most ten seconds.
pub fn wait_for<T>(what: &str, mut question: impl FnMut() -> Option<T>) -> T {
    let start = std::time::Instant::now();
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(start.elapsed().as_secs() < 10, "waited in vain for {what}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

pub fn is_alive(process: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or("").trim_start().chars().next();
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

pub fn send_signal(process: i32, signal: i32) {
    // SAFETY: a plain system call.
    assert_eq!(unsafe { libc::kill(process, signal) }, 0);
}

/// The children of a process.
pub fn children(process: i32) -> Vec<i32> {
    let list =
        std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    list.split_ascii_whitespace().map(|word| word.parse().unwrap()).collect()
}

/// The child of the front that is the tracer itself.
pub fn tracer_of(front: i32) -> i32 {
    tracer_of_program(front, Path::new(TRACER))
}

/// As `tracer_of`, where the program is another file.
pub fn tracer_of_program(front: i32, program: &Path) -> i32 {
    wait_for("the tracer", || {
        children(front).into_iter().find(|child| {
            let link = std::fs::read_link(format!("/proc/{child}/exe")).unwrap_or_default();
            link == program
        })
    })
}
