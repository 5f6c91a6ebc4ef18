"""`roar db`: size and health, and what is not needed any more."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from pipeline import LARGE, Pipeline


@pytest.fixture
def keeping(pipeline: Pipeline) -> Pipeline:
    """One job that overwrote what it had read, the bytes of which are kept."""
    pipeline.environment["ROAR_TRACER__KEEP_BYTES"] = "true"
    pipeline.write("d.csv", LARGE)
    pipeline.run("python3", "-c", "t = open('d.csv').read(); open('d.csv', 'w').write('new')")
    return pipeline


def kept(pipeline: Pipeline) -> list[Path]:
    return list((pipeline.root / ".roar/kept").iterdir())


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_what_there_is(keeping: Pipeline, options: tuple[str, ...]) -> None:
    stored = keeping.json("db", *options)
    assert stored["sound"] is True
    assert stored["rows"]["job"] == 1
    assert (stored["kept_files"], stored["kept_bytes"]) == (1, len(LARGE))
    assert stored["database_bytes"] > 0
    assert "sound" in keeping.roar("db", *options).stdout


def test_damage_is_found_and_said(keeping: Pipeline) -> None:
    with sqlite3.connect(keeping.root / ".roar/roar.db") as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("UPDATE job_output SET path_id = 999")
    database.close()
    done = keeping.roar("db", status=1)
    assert "row of job_output refers to a missing path" in done.stdout


def test_bytes_that_a_job_has_read_are_not_collected(keeping: Pipeline) -> None:
    assert keeping.roar("db", "gc", "-y").stdout == "nothing to remove\n"
    assert len(kept(keeping)) == 1


def test_bytes_that_no_job_has_read_are_collected(keeping: Pipeline) -> None:
    keeping.roar("pop", "-y")
    assert keeping.roar("db", "gc", "--dry-run").stdout.startswith("would remove 1 kept file")
    assert "roar db gc -y" in keeping.roar("db", "gc", status=2).stderr
    assert len(kept(keeping)) == 1
    assert keeping.roar("db", "gc", "-y").stdout.startswith("removed 1 kept file")
    assert kept(keeping) == []


def test_bytes_of_old_jobs_are_collected_where_asked_for(keeping: Pipeline) -> None:
    assert keeping.roar("db", "gc", "-y", "--older-than", "30").stdout == "nothing to remove\n"
    keeping.roar("db", "gc", "-y", "--older-than", "0")
    assert kept(keeping) == []


def test_nothing_is_collected_while_a_run_is_under_way(keeping: Pipeline) -> None:
    keeping.outside("mkfifo begin end")
    running = keeping.start("sh", "-c", "echo > begin; cat end")
    keeping.outside("cat begin")
    done = keeping.roar("db", "gc", "-y", status=1)
    keeping.outside("echo > end")
    assert running.wait() == 0
    assert "while runs are under way" in done.stderr


def test_other_files_among_the_kept_ones_are_left_alone(keeping: Pipeline) -> None:
    (keeping.root / ".roar/kept/notes.txt").write_text("mine")
    keeping.roar("db", "gc", "-y", "--older-than", "0")
    assert [path.name for path in kept(keeping)] == ["notes.txt"]
