"""The rules, held to the reference model: the same histories, recorded in a database, must give the same answers."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_history import Read, Recorder, Wrote
from roar_core.lineage.current import CurrentDag, find_current
from roar_core.lineage.disk import OnDisk
from roar_core.store.current import ContentRead, CurrentTables

MODEL = Path(__file__).parents[3] / "tests" / "lineage"


def load(name: str) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, MODEL / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


model = load("model")


class DiskOfContents:
    """A disk whose files are contents of the recorder."""

    def __init__(self, recorder: Recorder, contents: Mapping[str, str]) -> None:
        self.recorder = recorder
        self.contents = contents

    def look(self, contents: Collection[ContentRead]) -> dict[int, OnDisk | None]:
        return {content.path_id: self.file(self.contents.get(content.path)) for content in contents}

    def file(self, content: str | None) -> OnDisk | None:
        return (
            None
            if content is None
            else OnDisk(100, True, self.recorder.artifacts.get(content), f"blake3:{content}")
        )


def record(history: list[Any]) -> tuple[Recorder, dict[int, int]]:
    """Records a history and returns the job of each event."""
    recorder = Recorder.new()
    git = {event.path for event in history if isinstance(event, model.Outside) and event.tracked_by_git}
    jobs = {}
    for index, event in enumerate(history):
        if isinstance(event, model.Job):
            jobs[index] = recorder.job(
                [event.program, *event.arguments],
                [Read(path, content, git=path in git) for path, content in event.reads],
                [Wrote(write.path, write.content, how=write.how) for write in event.writes],
                kind=event.kind,
                cwd=event.cwd,
                name=event.name,
                status="ok" if event.ok else "failed",
                rerun_of=event.rerun,
            )
    return recorder, jobs


def assert_same(history: list[Any], disk: dict[str, str]) -> CurrentDag:
    expected = model.evaluate(history, disk)
    recorder, jobs = record(history)
    event_of = {job: index for index, job in jobs.items()}
    sources = {(i, path): recorder.source(jobs[i], path) for i, path in expected.origin}
    assert {i: recorder.step(job) for i, job in jobs.items()} == expected.step
    assert {key: origin for key, (origin, _) in sources.items()} == expected.origin
    producers = {key: None if job is None else event_of[job] for key, (_, job) in sources.items()}
    assert producers == expected.producer
    dag = find_current(CurrentTables(recorder.connection), DiskOfContents(recorder, disk))
    assert dag is not None
    assert {event_of[job]: state for job, state in dag.states.items()} == expected.state
    assert {event_of[job] for job in dag.shown} == expected.shown
    return dag


def cases_of_the_model() -> list[tuple[list[Any], dict[str, str]]]:
    """Returns every history that test_model.py evaluates."""
    cases = []
    tests = load("test_model")
    real = tests.evaluate

    def noting(history: list[Any], disk: dict[str, str]) -> Any:
        cases.append((list(history), dict(disk)))
        return real(history, disk)

    tests.evaluate = noting
    for node in ast.parse((MODEL / "test_model.py").read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            getattr(tests, node.name)()
    tests.evaluate = real
    return cases


@pytest.mark.parametrize(("history", "disk"), cases_of_the_model())
def test_histories_of_the_model(history: list[Any], disk: dict[str, str]) -> None:
    assert_same(history, disk)


PATHS = ("a", "b", "c", "d")
CONTENTS = ("c1", "c2", "c3", "small")


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Any], dict[str, str]]:
    """Draws jobs that read what is there and write, edits and removals between them, and the disk that is left."""
    disk: dict[str, str] = {}
    history: list[Any] = []
    tracked = draw(st.frozensets(st.sampled_from(PATHS), max_size=1))
    for _ in range(draw(st.integers(1, 12))):
        if draw(st.integers(0, 3)) == 0:
            path = draw(st.sampled_from(PATHS))
            content = draw(st.one_of(st.none(), st.sampled_from(CONTENTS)))
            history.append(model.Outside(path, content, tracked_by_git=path in tracked))
            disk.pop(path, None)
            if content is not None:
                disk[path] = content
            continue
        reads = draw(st.lists(st.sampled_from(sorted(disk)), unique=True, max_size=3)) if disk else []
        writes = [
            model.Write(
                path,
                draw(st.sampled_from(CONTENTS)),
                draw(st.sampled_from(("created", "modified", "appended"))),
            )
            for path in draw(st.lists(st.sampled_from(PATHS), unique=True, max_size=2))
        ]
        named = [f"--out={path}" for path in draw(st.lists(st.sampled_from(PATHS), unique=True, max_size=1))]
        history.append(
            model.Job(
                draw(st.sampled_from(("p", "q", "r"))),
                tuple(named + draw(st.lists(st.sampled_from(("-x", "-y")), unique=True, max_size=1))),
                tuple((path, disk[path]) for path in reads),
                tuple(writes),
                ok=draw(st.integers(0, 5)) != 0,
                kind=draw(st.sampled_from(("run", "run", "run", "build"))),
                cwd=".",
                name=draw(st.sampled_from((None, None, None, "n"))),
            )
        )
        disk.update((write.path, write.content) for write in writes)
        if draw(st.integers(0, 5)) == 0 and disk:
            disk.pop(draw(st.sampled_from(sorted(disk))))
    for path in draw(st.lists(st.sampled_from(PATHS), unique=True, max_size=2)):
        disk[path] = draw(st.sampled_from(CONTENTS))
    return history, disk


@settings(max_examples=300, deadline=None)
@given(histories())
def test_random_histories(case: tuple[list[Any], dict[str, str]]) -> None:
    assert_same(*case)
