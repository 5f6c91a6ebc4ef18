"""Sessions for one check at a time: `nox -l` lists them, `scripts/test` runs what a change needs in one go."""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.sessions = ["lint", "types", "rust", "tests-3.11"]
nox.needs_version = ">=2024.4"

REPOSITORY = Path(__file__).parent
WHEELS = REPOSITORY / "build" / "wheels"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
PACKAGES = ("roar-core", "roar-tracer-ptrace")
PROJECT = nox.project.load_toml("pyproject.toml")


def install_packages(session: nox.Session, *groups: str) -> None:
    """Installs the wheels, built where there are none, and dependency groups of the workspace."""
    if len(list(WHEELS.glob("*.whl"))) < len(PACKAGES):
        session.run(
            "bash", "-c", ". scripts/prepare.sh; prepare_build; build_wheels build/wheels", external=True
        )
    session.install(*map(str, WHEELS.glob("*.whl")), *nox.project.dependency_groups(PROJECT, *groups))


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
        "roar-core/tests",
        "roar-tracer-ptrace/tests",
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
    session.run("cargo", "test", "--workspace", external=True)


@nox.session
def conformance(session: nox.Session) -> None:
    """The ptrace tracer on every conformance case; options of run_torture.py may follow."""
    install_packages(session, "test", "example")
    script = str(REPOSITORY / "tests" / "conformance" / "run_torture.py")
    session.run("python", script, "--roar", "ptrace", *session.posargs)


@nox.session
def packaging(session: nox.Session) -> None:
    """Installs from fresh wheels in clean environments."""
    session.run("rm", "-rf", str(WHEELS), external=True)
    install_packages(session, "test", "build")
    session.run("pytest", "-q", "tests/packaging")


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measures everything against its goals, keeps the figures, and makes docs/benchmarks.md."""
    install_packages(session, "test", "example")
    results = "benchmarks/results"
    million = ["many_files.py", "--inputs", "1000000", "--outputs", "0", "--repeats", "1"]
    measured = {
        "overhead": ["overhead.py", "--what", "trace,run,limit,strace"],
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
