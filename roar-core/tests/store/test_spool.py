from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from roar_core.errors import StoreDamaged
from roar_core.project import Project
from roar_core.store import spool
from roar_core.store.records import (
    PENDING,
    Drops,
    Gap,
    GitState,
    Identity,
    InputRecord,
    OutputRecord,
    RunRecord,
)


def _full_run(make_run: Callable[..., Any]) -> RunRecord:
    run = make_run("aaaaaaaa")
    inputs = (
        InputRecord("caf\udce9", {"blake3": b"\x00\xff" * 16, "md5": b"m" * 16}, 5, 20, "code", None, True),
        InputRecord("late", {}, 7, 21, reason=PENDING, identity=Identity(1, 2**64 - 1, 7, -1, 5)),
    )
    outputs = (OutputRecord("out", {}, None, 30, "appended", None, "removed", "gone", True),)
    git = GitState(None, None, None, False, untracked=("a", "b\udcff"))
    job = run.job._replace(
        git=git, environment={"A": {"b": 1}}, packages=({"name": "numpy"},), argv=("x", "\udcff")
    )
    return RunRecord(
        job, inputs, outputs, run.processes, (Gap("io_uring", "d", 1),), (Drops("system", 3, ("/usr",)),)
    )


def test_record_is_read_back_as_it_was_written(project: Project, make_run: Callable[..., Any]) -> None:
    run = _full_run(make_run)
    entry = spool.create_entry(project, "aaaaaaaa", {})
    spool.write_record(entry, run)
    read = spool.read_record(entry)
    for _ in range(2):  # the sections can be iterated again
        assert tuple(read.inputs) == run.inputs
        assert tuple(read.outputs) == run.outputs
    assert tuple(read.processes) == tuple(run.processes)
    assert (read.job, read.gaps, read.drops) == (run.job, run.gaps, run.drops)
    spool.remove_entry(entry)


@pytest.mark.parametrize("keep", [0, 10, 500, -1])
def test_record_cut_short_is_damaged(project: Project, make_run: Callable[..., Any], keep: int) -> None:
    entry = spool.create_entry(project, "aaaaaaaa", {})
    spool.write_record(entry, make_run("aaaaaaaa", 20, 20))
    whole = entry.record.read_bytes()
    entry.record.write_bytes(whole[:keep])
    with pytest.raises(StoreDamaged):
        spool.read_record(entry)
    spool.remove_entry(entry)


def test_record_with_a_damaged_line_is_damaged_when_met(
    project: Project, make_run: Callable[..., Any]
) -> None:
    entry = spool.create_entry(project, "aaaaaaaa", {})
    spool.write_record(entry, make_run("aaaaaaaa", 20, 20))
    entry.record.write_bytes(entry.record.read_bytes().replace(b'"digests"', b'"digesta"', 1))
    with pytest.raises(StoreDamaged, match="item 0"):
        tuple(spool.read_record(entry).inputs)
    spool.remove_entry(entry)


def test_entry_holds_its_header_and_its_lock(project: Project) -> None:
    entry = spool.create_entry(project, "aaaaaaaa", {"argv": ["x", "\udcff"], "started_ns": 5})
    assert entry.lock is not None
    assert not os.get_inheritable(entry.lock)
    assert spool.read_header(entry) == {"argv": ["x", "\udcff"], "started_ns": 5, "uid": "aaaaaaaa"}
    assert spool.is_living(entry)
    assert spool.adopt(entry) is None
    spool.release(entry)
    assert not spool.is_living(entry)


def test_taken_uid_is_drawn_again(project: Project) -> None:
    first = spool.create_entry(project, "aaaaaaaa", {})
    second = spool.create_entry(project, "aaaaaaaa", {})
    assert first.uid != second.uid
    assert spool.read_header(second)["uid"] == second.uid == second.directory.name
    assert {entry.uid for entry in spool.list_entries(project)} == {first.uid, second.uid}
    spool.release(first)
    spool.release(second)


def test_one_of_two_adopters_gets_the_entry(project: Project) -> None:
    entry = spool.create_entry(project, "aaaaaaaa", {})
    spool.release(entry)
    first = spool.adopt(entry)
    assert first is not None
    assert spool.adopt(entry) is None
    spool.remove_entry(first)
    assert spool.adopt(entry) is None
    assert spool.list_entries(project) == ()
    assert os.listdir(project.spool) == []


def test_entry_lives_as_long_as_one_heir_of_the_lock(project: Project) -> None:
    entry = spool.create_entry(project, "aaaaaaaa", {})
    assert entry.lock is not None
    heir = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[entry.lock])
    spool.release(entry)
    assert spool.is_living(entry)
    heir.communicate(b"\n")
    adopted = spool.adopt(entry)
    assert adopted is not None
    spool.release(adopted)


def test_missing_spool_is_empty(project: Project) -> None:
    assert spool.list_entries(project) == ()


def test_entries_are_listed_oldest_first(project: Project) -> None:
    for number, uid in enumerate(("cccccccc", "aaaaaaaa", "bbbbbbbb")):
        entry = spool.create_entry(project, uid, {})
        os.utime(entry.header, ns=(number, number))
        spool.release(entry)
    assert [entry.uid for entry in spool.list_entries(project)] == ["cccccccc", "aaaaaaaa", "bbbbbbbb"]


def test_leftovers_are_removed_unless_somebody_is_at_them(project: Project) -> None:
    entry = spool.create_entry(project, "aaaaaaaa", {})
    for name in (".new-old", ".new-young", ".gone-x"):
        (project.spool / name).mkdir()
        (project.spool / name / "run.json").write_text("{}")
    os.utime(project.spool / ".new-old", ns=(1, 1))
    spool.remove_leftovers(project)
    assert sorted(os.listdir(project.spool)) == [".new-young", "aaaaaaaa"]
    spool.release(entry)


def test_damaged_header_is_said(project: Project) -> None:
    entry = spool.create_entry(project, "aaaaaaaa", {})
    entry.header.write_text("{")
    with pytest.raises(StoreDamaged):
        spool.read_header(entry)
    spool.release(entry)
