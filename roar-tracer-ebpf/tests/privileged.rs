//! A copy of the program with capabilities of its own, as an ordinary user runs it. Needs root, and setcap.

#![allow(clippy::unwrap_used)]

mod common;

use common::{tracer_of_program, wait_for};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const NOBODY: u32 = 65534;

/// A folder that anybody may use, with such a copy in it; removed at its end.
struct Copied(PathBuf);

impl Copied {
    /// `None` where it can't be made here.
    fn new(name: &str) -> Option<Copied> {
        // SAFETY: a plain system call.
        if unsafe { libc::geteuid() } != 0 {
            eprintln!("skipped: run the tests as root");
            return None;
        }
        let copied = Copied(std::env::temp_dir().join(format!("roar-ebpf-{name}-{}", std::process::id())));
        std::fs::create_dir(&copied.0).unwrap();
        std::fs::set_permissions(&copied.0, std::fs::Permissions::from_mode(0o777)).unwrap();
        std::fs::copy(common::TRACER, copied.program()).unwrap();
        let set = Command::new("setcap").arg("cap_bpf,cap_perfmon=ep").arg(copied.program()).status();
        if !set.is_ok_and(|status| status.success()) {
            eprintln!("skipped: apt-get install libcap2-bin, and a filesystem with capabilities");
            return None;
        }
        Some(copied)
    }

    fn program(&self) -> PathBuf {
        self.0.join("copy")
    }

    fn run(&self, script: &str) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(self.program());
        command.arg("--report").arg(self.0.join("report")).args(["--", "sh", "-c", script]);
        command.current_dir(&self.0).uid(NOBODY).gid(NOBODY);
        command
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn capabilities(process: &str) -> Vec<String> {
    let status = std::fs::read_to_string(Path::new("/proc").join(process).join("status")).unwrap();
    let lines = status.lines().filter(|line| line.starts_with("CapPrm:") || line.starts_with("CapEff:"));
    lines.map(|line| line.split_ascii_whitespace().nth(1).unwrap().to_owned()).collect()
}

#[test]
fn test_copy_records_for_an_ordinary_user() {
    let Some(copied) = Copied::new("records") else { return };
    assert!(copied.run("echo x > out").status().unwrap().success());
    let lines = common::lines(&copied.0.join("report"));
    let out = copied.0.join("out");
    assert!(lines.iter().any(|line| line["path"] == out.to_str().unwrap() && line["written"] == true));
}

#[test]
fn test_copy_has_no_capability_left_while_the_command_runs() {
    let Some(copied) = Copied::new("drops") else { return };
    let mut front = copied
        .run("until [ -e go ] || ! [ -d \"$PWD\" ]; do sleep 0.01; done; cat /proc/self/status > seen")
        .spawn()
        .unwrap();
    wait_for("the command", || {
        std::fs::read_to_string(copied.0.join("report")).ok().filter(|text| !text.is_empty())
    });
    let tracer = tracer_of_program(front.id() as i32, &copied.program());
    let none = ["0000000000000000", "0000000000000000"];
    wait_for("the capabilities to be given up", || (capabilities(&tracer.to_string()) == none).then_some(()));
    std::fs::write(copied.0.join("go"), "").unwrap();
    assert!(front.wait().unwrap().success());
    let seen = std::fs::read_to_string(copied.0.join("seen")).unwrap();
    assert!(seen.contains("CapPrm:\t0000000000000000"), "{seen}");
}
