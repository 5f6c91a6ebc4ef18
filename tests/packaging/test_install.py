"""From the wheels alone, without a compiler: every way to install them gives a roar that records a run."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path

import pytest
from installation import PACKAGES, TRACER_PACKAGES, Installation, check_recorded_runs
from installed_tracers import need_tracer

pytestmark = pytest.mark.slow
VERSIONS = ("3.10", "3.11", "3.12", "3.13")


def find_python(version: str) -> str:
    """The path of an interpreter of this version that this user can run; skips where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [shutil.which(f"python{version}"), sys.executable, "/usr/bin/python3"]
    with contextlib.suppress(PermissionError):
        candidates += [str(folder / "bin" / "python3") for folder in sorted(pyenv.glob(f"{version}.*"))]
    ask = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
    for candidate in filter(None, candidates):
        try:
            done = subprocess.run([candidate, "-c", ask], capture_output=True, text=True, check=False)
        except OSError:
            continue
        if done.returncode == 0 and done.stdout.split()[0] == version:
            return done.stdout.split()[1]
    pytest.skip(
        f"no Python {version} that this user can run: install it, or with pyenv name it in PYENV_VERSION"
    )


def link_options(installation: Installation) -> list[str]:
    return ["--only-binary", ":all:", "--find-links", str(installation.wheels)]


def uv_options(installation: Installation) -> list[str]:
    """uv caches wheels by their names, and these are built anew under the same ones."""
    fresh = [option for package in PACKAGES for option in ("--refresh-package", package)]
    return ["--python", installation.python, *fresh, *link_options(installation)]


@pytest.mark.parametrize("version", VERSIONS)
def test_pip_install_gives_a_roar_that_records(
    version: str, tmp_path: Path, plain_programs: Path, wheels: Path
) -> None:
    installation = Installation(tmp_path / "environment", plain_programs, wheels)
    try:
        subprocess.run(
            [find_python(version), "-m", "venv", installation.folder], check=True, capture_output=True
        )
    except subprocess.CalledProcessError:
        pytest.skip(f"Python {version} cannot make environments: on Debian install python3-venv")
    assert shutil.which("cc", path=installation.call("sh", "-c", "echo $PATH").stdout.strip()) is None
    installation.call(
        installation.python, "-m", "pip", "install", "-q", *link_options(installation), *PACKAGES
    )
    check_recorded_runs(installation, tmp_path / "project")
    assert "roar" in installation.call("roar", "--version").stdout


def test_uv_install_finds_the_tracer(installation: Installation, uv: str, tmp_path: Path) -> None:
    options = uv_options(installation)
    installation.call(uv, "pip", "install", "-q", *options, *PACKAGES)
    check_recorded_runs(installation, tmp_path / "project")


def test_target_install_finds_the_tracer(installation: Installation, uv: str, tmp_path: Path) -> None:
    target = tmp_path / "target"
    options = [*uv_options(installation), "--target", str(target)]
    installation.call(uv, "pip", "install", "-q", *options, *PACKAGES)
    check_recorded_runs(replace(installation, variables={"PYTHONPATH": str(target)}), tmp_path / "project")


def test_prefix_install_finds_the_tracer(installation: Installation, uv: str, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    options = [*uv_options(installation), "--prefix", str(prefix)]
    installation.call(uv, "pip", "install", "-q", *options, *PACKAGES)
    packages = next(prefix.glob("lib/python3.*/site-packages"))
    check_recorded_runs(replace(installation, variables={"PYTHONPATH": str(packages)}), tmp_path / "project")


def test_core_alone_says_how_to_get_a_tracer(installation: Installation, uv: str, tmp_path: Path) -> None:
    installation.call(uv, "pip", "install", "-q", *uv_options(installation), "roar-core")
    installation.roar("init", "-n", cwd=tmp_path)
    done = installation.roar("run", "sh", "-c", "echo > started", cwd=tmp_path, status=125)
    assert "hint:" in done.stderr
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("package", TRACER_PACKAGES)
def test_editable_install_finds_the_tracer(package: str, tmp_path: Path) -> None:
    origin = json.loads(distribution(package).read_text("direct_url.json") or "{}")
    if not origin.get("dir_info", {}).get("editable"):
        pytest.skip(f"this Python's {package} is not an editable install; uv sync makes one")
    tracer = need_tracer(package.rpartition("-")[2])
    (tmp_path / "in.txt").write_text("x")
    roar = [sys.executable, "-m", "roar_core"]
    traced = [*roar, "trace", "--tracer", tracer, "--report", "report", "--", "cat", "in.txt"]
    done = subprocess.run(traced, cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == b"x"
    assert b"/in.txt" in (tmp_path / "report").read_bytes()
