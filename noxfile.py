"""Sessions for one check at a time: `nox -l` lists them, `scripts/test` runs what a change needs in one go."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.sessions = ["lint", "types", "rust", "tests-3.11"]
nox.needs_version = ">=2024.4"

REPOSITORY = Path(__file__).parent
WHEELS = REPOSITORY / "build" / "wheels"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
MACOS = ("aarch64-apple-darwin", "x86_64-apple-darwin")
AARCH64 = REPOSITORY / "build" / "wheels-aarch64"
PROJECT = nox.project.load_toml("pyproject.toml")


def build_wheels(session: nox.Session, folder: Path, target: str = "") -> None:
    """Builds the wheels that are not there, or older than their sources."""
    choose = f"choose_target {target}; " if target else ""
    script = f". scripts/prepare.sh; prepare_build; {choose}build_wheels {folder}"
    session.run("bash", "-c", script, external=True)


def install_packages(session: nox.Session, *groups: str) -> None:
    """Installs the wheels and dependency groups of the workspace."""
    build_wheels(session, WHEELS)
    session.install(*map(str, WHEELS.glob("*.whl")), *nox.project.dependency_groups(PROJECT, *groups))


def usable_tracers(session: nox.Session) -> list[str]:
    """The names of the tracers that work here; the others are named with why."""
    told = json.loads(session.run("roar", "tracer", "status", "--json", silent=True) or "[]")
    for row in told:
        if not row["usable"]:
            session.warn(f"left out: {row['name']}: {row['reason']}")
    return [row["name"] for row in told if row["usable"]]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The packages' own tests, under each Python, against the wheels."""
    install_packages(session, "test")
    chosen = session.posargs or [
        "-q",
        "-n",
        "2",
        "-m",
        "not slow and not alone",
        *sorted(str(folder) for folder in Path().glob("roar-*/tests")),
    ]
    session.run("pytest", "-p", "no:cacheprovider", *chosen)


@nox.session
def lint(session: nox.Session) -> None:
    """Formatting and lint of Python."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    install_packages(session, "test", "lint")
    session.run("mypy")


@nox.session(venv_backend="none")
def rust(session: nox.Session) -> None:
    """Formatting, lint and tests of Rust."""
    session.run("cargo", "fmt", "--all", "--check", external=True)
    session.run("cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings", external=True)
    library = ("cargo", "clippy", "-p", "roar-preload", "--lib", "--", "-D", "warnings")
    session.run(*library, env={"RUSTFLAGS": "--cfg interpose"}, external=True)
    session.run("cargo", "test", "--workspace", external=True)


@nox.session
def conformance(session: nox.Session) -> None:
    """Every tracer that works here on every conformance case; options of run_torture.py may follow."""
    install_packages(session, "test", "example")
    script = str(REPOSITORY / "tests" / "conformance" / "run_torture.py")
    for tracer in usable_tracers(session):
        session.run("python", script, "--roar", tracer, *session.posargs)


@nox.session(venv_backend="none")
def fuzz(session: nox.Session) -> None:
    """Hostile bytes for the reader of the preload tracer's ring, for a minute (`-- --seconds 600`: as long)."""
    parser = argparse.ArgumentParser(prog="nox -s fuzz --")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args(session.posargs)
    if shutil.which("cargo-fuzz") is None:
        session.skip("cargo-fuzz is not installed: cargo install cargo-fuzz")
    session.chdir("roar-tracer-preload/fuzz")
    limits = (f"-max_total_time={options.seconds}", "-timeout=10", "-max_len=8192")
    # A sanitizer is asked for by an option of nightly compilers, which this lets every compiler take.
    session.run("cargo", "fuzz", "run", "ring", "--", *limits, env={"RUSTC_BOOTSTRAP": "1"}, external=True)


@nox.session
def packaging(session: nox.Session) -> None:
    """All wheels of all packages, built anew, looked into, and installed into clean environments of each Python."""
    session.run("rm", "-rf", str(WHEELS), external=True)
    install_packages(session, "test", "build")
    session.run("pytest", "-q", "tests/packaging", *session.posargs)


@nox.session
def aarch64(session: nox.Session) -> None:
    """The wheels for aarch64, built by Rust and clang alone, and looked into."""
    install_packages(session, "test")
    build_wheels(session, AARCH64, "aarch64-unknown-linux-musl")
    session.run("pytest", "-q", "tests/packaging/test_wheels.py", env={"ROAR_WHEELS": str(AARCH64)})


@nox.session(venv_backend="none")
def macos(session: nox.Session) -> None:
    """Compiles the preload tracer and what it shares for macOS, as far as that goes without Apple's linker."""
    clippy = ("cargo", "clippy", "--target")
    shared = [word for name in ("trace", "launch", "observe") for word in ("-p", f"roar-{name}")]
    library = ("-p", "roar-preload", "--lib")
    for target in MACOS:
        folder = session.run(
            "rustc", "--print", "target-libdir", "--target", target, silent=True, external=True
        )
        if folder is None or not Path(folder.strip()).is_dir():
            session.skip(f"Rust's library for {target} is missing: rustup target add {target}")
        for flags in ("", "--cfg interpose -C panic=abort"):
            checked = (*clippy, target, *library, "--", "-D", "warnings")
            session.run(*checked, env={"RUSTFLAGS": flags}, external=True)
        program = (*clippy, target, *shared, "-p", "roar-tracer-preload", "--", "-D", "warnings")
        session.run(*program, external=True)


@nox.session(venv_backend="none")
def debians(session: nox.Session) -> None:
    """The wheels' programs on the oldest and the newest Debian (needs root and debootstrap)."""
    build_wheels(session, WHEELS)
    session.run("tests/packaging/other-debians", *session.posargs, external=True)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measures everything against its goals, keeps the figures, and makes docs/benchmarks.md."""
    install_packages(session, "test", "example")
    results = "benchmarks/results"
    million = ["many_files.py", "--inputs", "1000000", "--outputs", "0", "--repeats", "1"]
    measured = {
        "overhead": ["overhead.py", "--what", "trace,run"],
        "startup": ["startup.py"],
        "digests": ["digests.py"],
        "many_files": ["many_files.py"],
        "million_files": million,
        "large_session": ["large_session.py"],
    }
    for name, (script, *options) in measured.items():
        session.run(
            "python",
            f"benchmarks/{script}",
            *options,
            "--check",
            "--json",
            f"{results}/{name}.json",
            success_codes=[0, 1],
        )
    session.run("python", "benchmarks/make_docs.py")


@nox.session(venv_backend="none")
def fresh(session: nox.Session) -> None:
    """The README's two commands on a fresh Debian (needs root and debootstrap)."""
    session.run("tests/packaging/fresh-machine", *session.posargs, external=True)


@nox.session
def soak(session: nox.Session) -> None:
    """Mixed jobs for 30 minutes, shared by the tracers that work here: nothing may grow (`-- --minutes 5`)."""
    install_packages(session, "test")
    session.run("python", "tests/soak/soak.py", *session.posargs)
