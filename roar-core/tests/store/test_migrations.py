from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from roar_core.project import Project
from roar_core.store import upgrade
from roar_core.store.artifacts import find_artifact
from roar_core.store.connection import open_database
from roar_core.store.current import CurrentTables
from roar_core.store.paths import list_path_events
from roar_core.store.version import SCHEMA_VERSION, read_version

NEXT = f"{int(SCHEMA_VERSION) + 1:04}"
TITLE = f"""
from alembic import op
import sqlalchemy as sa
revision = "{NEXT}"
down_revision = "{SCHEMA_VERSION}"
def upgrade():
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("title", sa.Text))
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """The package's migrations, and one more."""
    copy = tmp_path / "migrations"
    shutil.copytree(str(files("roar_core.store").joinpath("migrations")), copy)
    (copy / "versions" / f"{NEXT}_title.py").write_text(TITLE)
    return copy


def _schema(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: _without_spacing(sql) for name, sql in rows}


def _without_spacing(sql: str) -> str:
    words = re.sub(r"\s+", " ", re.sub(r"--[^\n]*", "", sql))
    return re.sub(r" ([),])", r"\1", words.replace("( ", "(")).strip()


def test_schema_file_is_what_the_migrations_make(project: Project) -> None:
    made = open_database(project)
    migrated = sqlite3.connect(":memory:", isolation_level=None)
    migrated.execute("BEGIN")
    upgrade.run_migrations(migrated, "head")
    migrated.execute("COMMIT")
    made_schema, migrated_schema = _schema(made), _schema(migrated)
    # the one table that is alembic's own, made by it in its own words
    assert re.sub(r"\s", "", made_schema.pop("alembic_version")) == re.sub(
        r"\s", "", migrated_schema.pop("alembic_version")
    )
    assert made_schema == migrated_schema
    assert read_version(migrated) == SCHEMA_VERSION
    made.close()
    migrated.close()


def test_database_of_the_first_version_is_upgraded_with_what_it_holds(project: Project) -> None:
    first = sqlite3.connect(project.database, isolation_level=None)
    first.execute("BEGIN")
    upgrade.run_migrations(first, "0001")
    first.execute("INSERT INTO session (uid, started_ns) VALUES ('abc', 1)")
    for uid in ("00000001", "00000002", "00000003"):
        first.execute(
            "INSERT INTO job (uid, session_id, kind, step, program, argv, cwd, started_ns, ended_ns, status, tracer,"
            " level, visible) VALUES (?, 1, 'run', 1, 'p', '[]', '.', 1, 2, 'ok', 'ptrace', 'kernel', 1)",
            (uid,),
        )
    first.execute("INSERT INTO path (text) VALUES ('in.txt')")
    first.execute("INSERT INTO path (text) VALUES ('other.txt')")
    first.execute("INSERT INTO artifact (size) VALUES (5)")
    first.execute("INSERT INTO digest (algorithm, value, artifact_id) VALUES ('blake3', x'0102030405', 1)")
    for job_id, path_id in ((1, 1), (2, 1), (3, 1), (2, 2)):
        first.execute(
            "INSERT INTO job_input (job_id, path_id, artifact_id, role, first_read_ns) VALUES (?, ?, 1, 'data', ?)",
            (job_id, path_id, job_id),
        )
    first.execute(
        "INSERT INTO job_output (job_id, path_id, written_ns, write_kind) VALUES (3, 1, 5, 'modified')"
    )
    first.execute("COMMIT")
    first.close()
    connection = open_database(project)
    assert read_version(connection) == SCHEMA_VERSION
    assert connection.execute("SELECT uid FROM job WHERE id = 1").fetchall() == [("00000001",)]
    assert connection.execute("SELECT DISTINCT removed FROM job_input").fetchall() == [(0,)]
    assert [event.job_uid for event in list_path_events(connection, "in.txt") if event.did == "read"] == [
        "00000003",
        "00000002",
        "00000001",
    ]
    assert find_artifact(connection, "01020304").paths == ("in.txt", "other.txt")
    assert {read.job_id for read in CurrentTables(connection).touched_inputs(0)} == {1, 2, 3}
    assert [path.name.split("-")[1] for path in project.directory.glob("roar.db.backup-*")] == ["0001"]
    connection.close()


def test_changed_paths_are_known_up_to_a_job_when_the_database_was_of_the_fourth_version(
    project: Project,
) -> None:
    fourth = sqlite3.connect(project.database, isolation_level=None)
    fourth.execute("BEGIN")
    upgrade.run_migrations(fourth, "0004")
    fourth.execute("INSERT INTO session (uid, started_ns) VALUES ('abc', 1)")
    for number in range(1, 5):
        fourth.execute(
            "INSERT INTO job (uid, session_id, kind, step, program, argv, cwd, started_ns, ended_ns, status, tracer,"
            " level, visible) VALUES (?, 1, 'run', 1, 'p', '[]', '.', 1, 2, 'ok', 'ptrace', 'kernel', 1)",
            (f"{number:08x}",),
        )
    for path_id, text in enumerate(("rewritten", "read", "quiet", "not-any-more"), 1):
        fourth.execute("INSERT INTO path (id, text) VALUES (?, ?)", (path_id, text))
    for job_id, path_id, at in ((1, 1, 10), (2, 1, 20), (4, 1, 40), (4, 2, 40), (1, 3, 10)):
        fourth.execute(
            "INSERT INTO job_output (job_id, path_id, written_ns, write_kind) VALUES (?, ?, ?, 'created')",
            (job_id, path_id, at),
        )
    for job_id, path_id, at in ((1, 2, 10), (3, 2, 30), (4, 3, 40)):
        fourth.execute(
            "INSERT INTO job_input (job_id, path_id, role, first_read_ns, previous_reader_id)"
            " VALUES (?, ?, 'data', ?, ?)",
            (job_id, path_id, at, 1 if job_id == 3 else None),
        )
    fourth.execute("INSERT INTO path_read VALUES (2, 3, 10), (3, 4, 40)")
    fourth.execute("INSERT INTO changed_path VALUES (1), (2), (4)")
    fourth.execute("COMMIT")
    fourth.close()
    connection = open_database(project)
    assert connection.execute("SELECT * FROM changed_path").fetchall() == [(1, 2), (2, 3)]
    tables = CurrentTables(connection)
    assert [tables.rewritten_paths(first) for first in (1, 2, 3)] == [[(1, "1 2 4")], [(1, "2 4")], []]
    assert [{read.job_id for read in tables.touched_inputs(first)} for first in (1, 3, 4)] == [
        {1, 3},
        {3},
        set(),
    ]
    connection.close()


def test_older_database_is_backed_up_and_upgraded(project: Project, migrations: Path) -> None:
    connection = open_database(project)
    connection.execute("INSERT INTO session (uid, started_ns) VALUES ('abc', 1)")
    upgrade.upgrade_database(connection, project.database, 2.0, version=NEXT, migrations=migrations)
    assert connection.execute("SELECT uid, title FROM session").fetchall() == [("abc", None)]
    assert read_version(connection) == NEXT
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    connection.close()
    (backup,) = project.directory.glob(f"roar.db.backup-{SCHEMA_VERSION}-*")
    assert stat.S_IMODE(os.stat(backup).st_mode) == 0o600
    old = sqlite3.connect(backup)
    assert old.execute("SELECT uid FROM session").fetchall() == [("abc",)]
    assert read_version(old) == SCHEMA_VERSION
    old.close()


def test_upgrade_that_fails_leaves_the_old_database(project: Project, migrations: Path) -> None:
    (migrations / "versions" / f"{NEXT}_title.py").write_text(TITLE + "    raise KeyboardInterrupt\n")
    connection = open_database(project)
    with pytest.raises(KeyboardInterrupt):
        upgrade.upgrade_database(connection, project.database, 2.0, version=NEXT, migrations=migrations)
    assert read_version(connection) == SCHEMA_VERSION
    assert "title" not in _schema(connection)["session"]
    connection.close()


def test_upgrade_is_done_once_by_several(project: Project, migrations: Path) -> None:
    first, second = open_database(project), open_database(project)
    for connection in (first, second):
        upgrade.upgrade_database(connection, project.database, 2.0, version=NEXT, migrations=migrations)
    assert len(list(project.directory.glob("roar.db.backup-*"))) == 1
    first.close()
    second.close()


def test_open_upgrades_an_older_version(
    project: Project, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database(project).close()
    for module in ("connection", "version"):
        monkeypatch.setattr(f"roar_core.store.{module}.SCHEMA_VERSION", NEXT)
    real = upgrade.upgrade_database
    monkeypatch.setattr(
        upgrade, "upgrade_database", lambda *given: real(*given, version=NEXT, migrations=migrations)
    )
    connection = open_database(project)
    assert read_version(connection) == NEXT
    connection.close()


def test_opening_imports_neither_alembic_nor_sqlalchemy(project: Project) -> None:
    program = (
        "import sys; from pathlib import Path; from roar_core.project import Project;"
        " from roar_core.store.store import Store; Store(Project(Path(sys.argv[1]))).close();"
        " sys.exit(bool({'alembic', 'sqlalchemy', 'hashlib', 'tempfile'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", program, str(project.root)], check=True)
