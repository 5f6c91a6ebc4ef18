//! Compiles the library that is loaded into the job's programs, which the tracer's program then carries in itself.
//!
//! It is compiled for glibc whatever the tracer itself is compiled for. Needing nothing but a few old functions of
//! libc.so.6, it runs with any glibc from 2.17 on, so it needs no special linker. For another architecture Rust's own
//! linker links it against a library that has these functions' names and nothing else.
//!
//! For macOS it is linked by that system's `cc`, or by what `ROAR_PRELOAD_CC` names. Elsewhere there is neither, and the
//! program is built without the library, to see that it compiles: its `--probe` then says that it can't be used.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the library takes from libc.so.6.
const TAKEN: [&str; 13] = [
    "__errno_location",
    "__register_atfork",
    "bcmp",
    "dl_iterate_phdr",
    "environ",
    "getauxval",
    "getenv",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "on_exit",
    "strlen",
];
const COMMON: [&str; 9] = [
    "-shared",
    "--gc-sections",
    "--strip-all",
    "-z",
    "now",
    "-z",
    "noexecstack",
    "--hash-style=gnu",
    "--no-undefined",
];

fn main() {
    println!("cargo:rerun-if-changed=library/src");
    println!("cargo:rerun-if-env-changed=ROAR_PRELOAD_CC");
    println!("cargo:rerun-if-env-changed=MACOSX_DEPLOYMENT_TARGET");
    let build = Build {
        architecture: env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_else(|_| "x86_64".to_owned()),
        is_macos: env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "macos"),
        host: env::var("HOST").unwrap_or_default(),
        output: PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()),
    };
    let source = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("library/src/lib.rs");
    let archive = build.compile("roar_preload", &source);
    let compiler = env::var("ROAR_PRELOAD_CC").ok();
    if build.is_macos {
        return match compiler.or_else(|| build.host.contains("apple").then(|| "cc".to_owned())) {
            Some(compiler) => build.link_for_macos(&compiler, &archive),
            None => build.leave_out(),
        };
    }
    match compiler.or_else(|| build.host.starts_with(&build.architecture).then(|| "cc".to_owned())) {
        Some(compiler) => build.link_by(&compiler, &archive),
        None => build.link_alone(&archive),
    }
}

struct Build {
    architecture: String,
    is_macos: bool,
    host: String,
    output: PathBuf,
}

impl Build {
    fn library(&self) -> PathBuf {
        self.output.join(if self.is_macos { "libroar_preload.dylib" } else { "libroar_preload.so" })
    }

    /// Makes an archive of one object that holds everything.
    fn compile(&self, name: &str, source: &Path) -> PathBuf {
        let archive = self.output.join(format!("lib{name}.a"));
        let system = if self.is_macos { "apple-darwin" } else { "unknown-linux-gnu" };
        let target = format!("{}-{system}", self.architecture);
        let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(["--edition", "2021", "--crate-type", "staticlib", "--crate-name", name]);
        rustc.args(["--cfg", "interpose", "--target", &target]);
        for option in ["panic=abort", "opt-level=3", "codegen-units=1", "lto=fat", "relocation-model=pic"] {
            rustc.args(["-C", option]);
        }
        // A cancelled thread unwinds through these functions.
        rustc.args(["-C", "force-unwind-tables=yes"]);
        run(rustc.arg("-o").arg(&archive).arg(source), &format!("rustup target add {target}"));
        archive
    }

    /// Links with a C compiler, every function that the library stands before in sight.
    fn link_by(&self, compiler: &str, archive: &Path) {
        let mut cc = Command::new(compiler);
        cc.args(["-nostdlib", "-shared", "-Wl,-u,open", "-Wl,-soname,libroar_preload.so", "-Wl,-O1"]);
        cc.args(["-Wl,-z,noseparate-code", "-Wl,-z,norelro"]);
        cc.args([format!("-Wl,{}", COMMON.join(","))]);
        cc.arg("-o").arg(self.library()).arg(archive).arg("-lc");
        run(&mut cc, "apt-get install gcc libc6-dev, or name a C compiler: ROAR_PRELOAD_CC");
    }

    /// Links with a C compiler for macOS. What the library stands before dyld finds in a section, not by its name.
    fn link_for_macos(&self, compiler: &str, archive: &Path) {
        let is_arm = self.architecture == "aarch64";
        let oldest = env::var("MACOSX_DEPLOYMENT_TARGET")
            .unwrap_or_else(|_| if is_arm { "11.0" } else { "10.12" }.to_owned());
        let mut words = compiler.split(' ');
        let mut cc = Command::new(words.next().unwrap_or("cc"));
        cc.args(words).args(["-arch", if is_arm { "arm64" } else { "x86_64" }, "-dynamiclib"]);
        cc.arg(format!("-mmacosx-version-min={oldest}"));
        cc.args(["-Wl,-install_name,libroar_preload.dylib", "-Wl,-u,_roar_preload_start", "-Wl,-x"]);
        cc.arg(archive).arg("-o").arg(self.library());
        run(&mut cc, "xcode-select --install, or name a C compiler for macOS: ROAR_PRELOAD_CC");
    }

    /// Puts an empty file in the library's place.
    fn leave_out(&self) {
        println!("cargo:warning=no linker for macOS: roar-tracer-preload is built without its library, and says so");
        std::fs::write(self.library(), "").unwrap_or_else(|error| {
            panic!("cannot write {}: {error}", self.library().display());
        });
    }

    /// Links with Rust's own linker.
    fn link_alone(&self, archive: &Path) {
        let stub = self.output.join("libc.so.6");
        let names = self.compile("stub", &self.stub_source());
        let mut linker = self.linker();
        linker.args(["-soname", "libc.so.6"]);
        linker.args(TAKEN.iter().flat_map(|name| ["-u", name]));
        run(linker.arg("-o").arg(&stub).arg(names), "rustup component add rustc");
        let mut linker = self.linker();
        linker.args(["-u", "open", "-soname", "libroar_preload.so", "-z", "norelro", "--no-rosegment"]);
        linker.arg("-o").arg(self.library()).arg(archive).arg(stub);
        run(&mut linker, "name a C compiler: ROAR_PRELOAD_CC");
    }

    fn linker(&self) -> Command {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let printed = Command::new(rustc).args(["--print", "sysroot"]).output().unwrap_or_else(|error| {
            panic!("cannot ask rustc for its folder: {error}");
        });
        let sysroot = String::from_utf8_lossy(&printed.stdout).trim().to_owned();
        let linker = Path::new(&sysroot).join("lib/rustlib").join(&self.host).join("bin/rust-lld");
        let mut linker = Command::new(linker);
        linker.args(["-flavor", "gnu"]).args(COMMON);
        linker
    }

    /// A source that defines the names.
    fn stub_source(&self) -> PathBuf {
        let source = self.output.join("stub.rs");
        let mut text =
            String::from("#![no_std]\n#[panic_handler] fn p(_: &core::panic::PanicInfo) -> ! { loop {} }\n");
        for name in TAKEN {
            text += &match name {
                "environ" => "#[no_mangle] pub static mut environ: usize = 0;\n".to_owned(),
                name => format!("#[no_mangle] pub extern \"C\" fn {name}() {{}}\n"),
            };
        }
        std::fs::write(&source, text)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", source.display()));
        source
    }
}

fn run(command: &mut Command, hint: &str) {
    let ended = command.status();
    assert!(
        ended.as_ref().is_ok_and(|status| status.success()),
        "cannot build the library: {ended:?}: {command:?}\nhint: {hint}"
    );
}
