//! Compiles the BPF programs, which the tracer carries in itself.

use std::env;
use std::path::PathBuf;
use std::process::Command;

const HINT: &str = "hint: apt-get install clang libbpf-dev, or name another clang: ROAR_CLANG";

fn main() {
    println!("cargo:rerun-if-changed=bpf");
    println!("cargo:rerun-if-env-changed=ROAR_CLANG");
    let architecture = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let name = match architecture.as_str() {
        "x86_64" => "x86",
        "aarch64" => "arm64",
        other => panic!("roar-tracer-ebpf does not know the system calls of {other}"),
    };
    // Debian keeps the kernel's asm headers in a folder of the architecture.
    let host = env::var("HOST").unwrap_or_default();
    let machine = host.split('-').next().unwrap_or_default();
    let output = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("observe.bpf.o");
    let clang = env::var("ROAR_CLANG").unwrap_or_else(|_| "clang".to_owned());
    let mut command = Command::new(&clang);
    command.args(["-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Werror"]);
    command.arg(format!("-D__TARGET_ARCH_{name}")).arg(format!("-I/usr/include/{machine}-linux-gnu"));
    command.args(["-c", "bpf/observe.bpf.c", "-o"]).arg(&output);
    match command.output() {
        Ok(done) if done.status.success() => {}
        Ok(done) => {
            panic!("cannot compile the BPF programs:\n{}\n{HINT}", String::from_utf8_lossy(&done.stderr))
        }
        Err(error) => panic!("cannot compile the BPF programs: `{clang}`: {error}\n{HINT}"),
    }
}
