//! Compiles the library that is loaded into the job's programs, which the tracer's program then carries in itself.
//!
//! It is compiled for glibc whatever the tracer itself is compiled for. Needing nothing but a few old functions of
//! libc.so.6, it runs with any glibc from 2.17 on, so it needs no special linker.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=library/src");
    println!("cargo:rerun-if-env-changed=ROAR_PRELOAD_CC");
    let architecture = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_else(|_| "x86_64".to_owned());
    let output = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let archive = output.join("libroar_preload.a");
    let library = output.join("libroar_preload.so");
    compile(&architecture, &archive);
    link(&architecture, &archive, &library);
}

/// Makes an archive of one object that holds everything.
fn compile(architecture: &str, archive: &Path) {
    let source = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("library/src/lib.rs");
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition", "2021", "--crate-type", "staticlib", "--crate-name", "roar_preload"]);
    rustc.args(["--cfg", "interpose", "--target", &format!("{architecture}-unknown-linux-gnu")]);
    for option in ["panic=abort", "opt-level=s", "codegen-units=1", "lto=fat", "relocation-model=pic"] {
        rustc.args(["-C", option]);
    }
    // A cancelled thread unwinds through these functions.
    rustc.args(["-C", "force-unwind-tables=yes"]);
    run(rustc.arg("-o").arg(archive).arg(source), "rustup target add x86_64-unknown-linux-gnu");
}

/// Makes the shared library, with every function that it stands before in sight.
fn link(architecture: &str, archive: &Path, library: &Path) {
    let host = env::var("HOST").unwrap_or_default();
    let compiler = env::var("ROAR_PRELOAD_CC").unwrap_or_else(|_| match host.starts_with(architecture) {
        true => "cc".to_owned(),
        false => format!("{architecture}-linux-gnu-gcc"),
    });
    let mut cc = Command::new(compiler);
    cc.args(["-shared", "-nostdlib", "-Wl,-u,open", "-Wl,--gc-sections", "-Wl,--strip-all", "-Wl,-O1"]);
    cc.args([
        "-Wl,-z,now",
        "-Wl,-z,noseparate-code",
        "-Wl,-z,norelro",
        "-Wl,-z,noexecstack",
        "-Wl,--hash-style=gnu",
        "-Wl,--no-undefined",
    ]);
    cc.args(["-Wl,-soname,libroar_preload.so", "-o"]).arg(library).arg(archive).arg("-lc");
    run(&mut cc, "apt-get install gcc libc6-dev, or name a C compiler: ROAR_PRELOAD_CC");
}

fn run(command: &mut Command, hint: &str) {
    let ended = command.status();
    assert!(
        ended.as_ref().is_ok_and(|status| status.success()),
        "cannot build the library: {ended:?}: {command:?}\nhint: {hint}"
    );
}
