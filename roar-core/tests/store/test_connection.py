from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from typing import Any

import pytest
from roar_core.errors import StoreBusy, StoreDamaged, StoreReadOnly, StoreTooNew
from roar_core.project import Project
from roar_core.store import connection as connection_module
from roar_core.store.connection import open_database
from roar_core.store.jobs import list_jobs
from roar_core.store.store import Store
from roar_core.store.version import APPLICATION_ID, SCHEMA_VERSION, read_version


def test_new_database_is_private_and_marked(project: Project) -> None:
    connection = open_database(project)
    connection.execute("INSERT INTO session (uid, started_ns) VALUES ('abc', 1)")
    assert stat.S_IMODE(os.stat(project.database).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(f"{project.database}-wal").st_mode) == 0o600
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert read_version(connection) == SCHEMA_VERSION
    connection.close()


def test_creation_killed_half_way_is_done_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop_half_way() -> Any:
        yield "CREATE TABLE session (id INTEGER PRIMARY KEY)"
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("roar_core.store.creation.schema_statements", stop_half_way)
        with pytest.raises(KeyboardInterrupt):
            open_database(project)
    connection = open_database(project)
    assert connection.execute("SELECT count(*) FROM job").fetchone() == (0,)
    connection.close()


def test_newer_version_is_refused_with_a_hint(project: Project) -> None:
    connection = open_database(project)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreTooNew, match="9999") as caught:
        open_database(project)
    assert caught.value.hint == "pip install --upgrade roar-core"


def test_another_programs_database_is_refused(project: Project) -> None:
    other = sqlite3.connect(project.database)
    other.execute("CREATE TABLE recipes (id)")
    other.close()
    with pytest.raises(StoreDamaged, match="not a database of roar"):
        open_database(project)


def test_garbage_header_is_refused_and_the_hint_mends_it(project: Project) -> None:
    project.database.write_bytes(os.urandom(8192))
    with pytest.raises(StoreDamaged, match="damaged") as caught:
        open_database(project)
    assert caught.value.hint is not None
    assert os.system(caught.value.hint.partition(": ")[2]) == 0
    connection = open_database(project)
    assert list_jobs(connection) == ()
    connection.close()
    assert (project.directory / "damaged" / "roar.db").exists()


def test_truncated_database_is_damaged_not_a_traceback(
    project: Project, make_run: Callable[..., Any], rules: Any
) -> None:
    with Store(project) as store:
        store.record_run(make_run("aaaaaaaa", 2000, 100), rules)
    os.truncate(project.database, 8192)
    with pytest.raises(StoreDamaged), Store(project) as store:
        store.record_run(make_run("bbbbbbbb", 2000, 100), rules)


def test_flipped_pages_are_damaged_when_met(
    project: Project, make_run: Callable[..., Any], rules: Any
) -> None:
    with Store(project) as store:
        store.record_run(make_run("aaaaaaaa", 2000, 100), rules)
    size = os.stat(project.database).st_size
    with open(project.database, "r+b") as file:
        for page in range(4096 * 30, size, 4096):
            file.seek(page)
            file.write(b"\xff" * 200)
    with pytest.raises(StoreDamaged), Store(project) as store:
        store.connection.execute("SELECT sum(length(text)) FROM path NOT INDEXED").fetchall()


def test_locked_by_another_process_is_busy(
    project: Project, make_run: Callable[..., Any], rules: Any
) -> None:
    open_database(project).close()
    holder = sqlite3.connect(project.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Store(project, busy_seconds=0.1) as store:
        with pytest.raises(StoreBusy) as caught:
            store.record_run(make_run("aaaaaaaa"), rules)
        assert caught.value.hint is not None
        assert str(project.database) in caught.value.hint
        holder.execute("ROLLBACK")
        assert store.record_run(make_run("aaaaaaaa"), rules).step == 1
    holder.close()


def test_readers_are_not_held_up_by_a_writer(store: Store, project: Project) -> None:
    holder = open_database(project)
    holder.execute("BEGIN IMMEDIATE")
    assert list_jobs(store.connection) == ()
    holder.close()


def test_network_file_system_gets_a_rollback_journal(
    project: Project, monkeypatch: pytest.MonkeyPatch, make_run: Callable[..., Any], rules: Any
) -> None:
    with Store(project) as store:
        store.record_run(make_run("aaaaaaaa", 10), rules)
    monkeypatch.setattr(connection_module, "is_network", lambda directory: True)
    with Store(project) as store, Store(project) as other:
        assert store.connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        store.record_run(make_run("bbbbbbbb", 10), rules)
        assert len(list_jobs(other.connection)) == 2


def test_network_file_system_is_written_by_one_host(
    project: Project, monkeypatch: pytest.MonkeyPatch, make_run: Callable[..., Any], rules: Any
) -> None:
    monkeypatch.setattr("roar_core.store.writer_host.is_network", lambda directory: True)
    with Store(project) as store:
        store.record_run(make_run("aaaaaaaa"), rules)
        monkeypatch.setattr("platform.node", lambda: "another")
        with pytest.raises(StoreReadOnly, match="another host") as caught:
            store.record_run(make_run("bbbbbbbb"), rules)
        assert caught.value.hint is not None
        assert os.system(caught.value.hint.rpartition(": ")[2]) == 0
        assert store.record_run(make_run("bbbbbbbb"), rules).step == 2


def test_missing_folder_is_an_error_with_its_name(project: Project) -> None:
    shutil.rmtree(project.directory)
    with pytest.raises(StoreReadOnly, match=r"\.roar"):
        open_database(project)
