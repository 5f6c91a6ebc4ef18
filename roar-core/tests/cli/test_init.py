import os
import pty
import stat
import subprocess
import sys

import pytest


@pytest.fixture
def repository(roar):
    subprocess.run(["git", "init", "-q"], cwd=roar.folder, check=True)
    return roar.folder


def test_init_makes_a_project(roar):
    roar("init")
    directory = roar.folder / ".roar"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert (directory / "config.toml").is_file()
    assert (directory / "roar.db").is_file()


def test_init_twice_changes_nothing(roar):
    roar("init")
    config = roar.folder / ".roar" / "config.toml"
    config.write_text("# mine\n")
    assert "already" in roar("init").stdout
    assert config.read_text() == "# mine\n"


def test_init_mends_a_project_without_a_database(roar):
    (roar.folder / ".roar").mkdir(mode=0o700)
    roar("init")
    assert (roar.folder / ".roar" / "roar.db").is_file()


def test_init_below_a_project_is_that_project(roar, project):
    below = project / "below"
    below.mkdir()
    done = roar("init", cwd=below)
    assert str(project / ".roar") in done.stdout
    assert not (below / ".roar").exists()


def test_init_below_a_project_that_cannot_be_written_makes_one(roar, project):
    if os.geteuid() == 0:
        os.chown(project / ".roar", 65534, -1)
    else:
        (project / ".roar").chmod(0o500)
    below = project / "below"
    below.mkdir()
    roar("init", cwd=below)
    assert (below / ".roar").is_dir()


def test_init_outside_git_leaves_no_gitignore(roar):
    roar("init", "-y")
    assert not (roar.folder / ".gitignore").exists()


def test_init_yes_adds_one_line_once(roar, repository):
    (repository / ".gitignore").write_text("*.pyc")
    roar("init", "-y")
    roar("init", "-y")
    assert (repository / ".gitignore").read_text() == "*.pyc\n.roar/\n"


def test_init_no_leaves_gitignore_alone(roar, repository):
    done = roar("init", "-n")
    assert not (repository / ".gitignore").exists()
    assert done.stderr == ""


def test_init_without_a_terminal_does_not_ask(roar, repository):
    done = roar("init")
    assert not (repository / ".gitignore").exists()
    assert "roar init -y" in done.stderr


def test_init_says_nothing_of_what_git_ignores_already(roar, repository):
    (repository / ".gitignore").write_text("/.roar/\n")
    assert roar("init").stderr == ""


def test_init_without_git_reads_gitignore_itself(roar, repository):
    (repository / ".gitignore").write_text(".roar/\n")
    assert roar("init", env={"PATH": "/nonexistent"}).stderr == ""


@pytest.mark.parametrize(("answer", "added"), [("y\n", True), ("\n", True), ("n\n", False)])
def test_init_on_a_terminal_asks(roar, repository, answer, added):
    controller, terminal = pty.openpty()
    try:
        os.write(controller, answer.encode())
        subprocess.run(
            [sys.executable, "-m", "roar_core", "init"],
            cwd=repository,
            env=roar.environment,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            check=True,
            timeout=60,
        )
    finally:
        os.close(terminal)
        os.close(controller)
    assert (repository / ".gitignore").exists() == added


def test_init_in_a_folder_that_cannot_be_written(roar):
    done = roar("init", "-n", cwd="/proc/self", status=1)
    assert done.stderr.startswith("roar: cannot make a project: ")


def test_init_yes_and_no_exclude_each_other(roar):
    roar("init", "-y", "-n", status=2)
