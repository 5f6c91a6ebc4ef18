"""Full and read-only file systems, with real mounts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from roar_core.errors import StoreError, StoreFull, StoreReadOnly
from roar_core.project import Project
from roar_core.store import spool
from roar_core.store.connection import open_database
from roar_core.store.filesystem import is_network
from roar_core.store.jobs import list_jobs
from roar_core.store.store import Store

Mount = Callable[..., Path]


def test_full_disk_leaves_no_half_run_and_takes_it_later(
    mount: Mount, make_run: Callable[..., Any], rules: Any
) -> None:
    root = mount("-t", "tmpfs", "-o", "size=3m", "tmpfs")
    project = Project(root)
    project.directory.mkdir()
    with Store(project) as store:
        store.record_run(make_run("aaaaaaaa", 10), rules)
        with pytest.raises(StoreFull):
            store.record_run(make_run("bbbbbbbb", 50_000), rules)
        assert [job.uid for job in list_jobs(store.connection)] == ["aaaaaaaa"]
    subprocess.run(["mount", "-o", "remount,size=100m", str(root)], check=True)
    with Store(project) as store:
        assert store.record_run(make_run("bbbbbbbb", 50_000), rules).step == 2
        assert store.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("left_bytes", [0, 4096, 16384, 65536, 200_000])
def test_full_disk_is_said_wherever_it_strikes(
    mount: Mount, make_run: Callable[..., Any], rules: Any, left_bytes: int
) -> None:
    project = Project(mount("-t", "tmpfs", "-o", "size=1m", "tmpfs"))
    project.directory.mkdir()
    _fill(project.root, left_bytes)
    with pytest.raises(StoreFull), Store(project) as store:
        store.record_run(make_run("aaaaaaaa", 20_000), rules)


def test_full_disk_makes_no_spool_entry(mount: Mount, make_run: Callable[..., Any]) -> None:
    project = Project(mount("-t", "tmpfs", "-o", "size=1m", "tmpfs"))
    project.directory.mkdir()
    entry = spool.create_entry(project, "aaaaaaaa", {})
    with pytest.raises(StoreFull):
        spool.write_record(entry, make_run("aaaaaaaa", 50_000))
    assert sorted(os.listdir(entry.directory)) == ["lock", "run.json"]
    _fill(project.root, 0)
    with pytest.raises(StoreFull):
        spool.create_entry(project, "bbbbbbbb", {"big": "x" * 10_000})
    assert os.listdir(project.spool) == ["aaaaaaaa"]
    spool.remove_entry(entry)


def test_read_only_mount_can_be_read_not_written(
    mount: Mount, project: Project, make_run: Callable[..., Any], rules: Any
) -> None:
    with Store(project) as store:
        store.record_run(make_run("aaaaaaaa", 10), rules)
    entry = spool.create_entry(project, "cccccccc", {})
    spool.release(entry)
    mount("--bind", str(project.root), on=project.root)
    mount("-o", "remount,bind,ro", on=project.root)
    with Store(project) as store:
        assert [job.uid for job in list_jobs(store.connection)] == ["aaaaaaaa"]
        with pytest.raises(StoreReadOnly):
            store.record_run(make_run("bbbbbbbb", 10), rules)
    with pytest.raises(StoreReadOnly):
        spool.create_entry(project, "dddddddd", {})
    adopted = spool.adopt(entry)
    assert adopted is not None
    with pytest.raises(StoreReadOnly):
        spool.write_record(adopted, make_run("cccccccc"))


def test_read_only_mount_shows_what_only_the_wal_holds(
    mount: Mount,
    project: Project,
    start_writer: Callable[..., subprocess.Popen[str]],
    make_run: Any,
    rules: Any,
) -> None:
    # A connection that is never closed leaves the WAL: closing would copy it into the database.
    program = (
        "import os, sys; from pathlib import Path; from roar_core.project import Project; from roar_core.store.store"
        " import Store; from roar_core.store.write_job import write_job; s = Store(Project(Path(sys.argv[1])));"
        " s.connection.execute(\"INSERT INTO session (uid, started_ns) VALUES ('ab', 1)\"); os._exit(0)"
    )
    subprocess.run([os.sys.executable, "-c", program, str(project.root)], check=True)  # type: ignore[attr-defined]
    assert os.stat(f"{project.database}-wal").st_size
    os.unlink(f"{project.database}-shm")
    mount("--bind", str(project.root), on=project.root)
    mount("-o", "remount,bind,ro", on=project.root)
    connection = open_database(project)
    assert connection.execute("SELECT uid FROM session").fetchall() == [("ab",)]
    connection.close()


def test_read_only_folder_without_a_database_is_said(mount: Mount, project: Project) -> None:
    mount("--bind", str(project.root), on=project.root)
    mount("-o", "remount,bind,ro", on=project.root)
    with pytest.raises(StoreReadOnly) as caught:
        open_database(project)
    assert isinstance(caught.value, StoreError)


def test_read_only_folder_can_be_read_by_an_ordinary_user(
    project: Project, make_run: Callable[..., Any], rules: Any
) -> None:
    if os.geteuid() == 0:
        pytest.skip("root ignores permissions: run the suite as an ordinary user, too")
    with Store(project) as store:
        store.record_run(make_run("aaaaaaaa", 10), rules)
    project.directory.chmod(0o500)
    try:
        with Store(project) as store:
            assert len(list_jobs(store.connection)) == 1
            with pytest.raises(StoreReadOnly):
                store.record_run(make_run("bbbbbbbb", 10), rules)
    finally:
        project.directory.chmod(0o700)


def test_local_folder_is_no_network(tmp_path: Path) -> None:
    assert not is_network(tmp_path)


@pytest.mark.parametrize(
    ("kind", "network"), [("nfs4", True), ("fuse.sshfs", True), ("9p", True), ("fuseblk", False)]
)
def test_network_is_known_by_its_type(tmp_path: Path, kind: str, network: bool) -> None:
    device = os.stat(tmp_path).st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        f"36 35 {os.major(device)}:{os.minor(device)} / /mnt rw,noatime shared:1 - {kind} host:/data rw\n"
    )
    assert is_network(tmp_path, mounts) is network


def _fill(folder: Path, left_bytes: int) -> None:
    """Fills the file system of `folder` but for `left_bytes`."""
    with open(folder / "ballast", "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - left_bytes))
