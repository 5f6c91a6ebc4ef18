"""Random small pipelines, run for real under `roar run`, must be understood as the model understands them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model import Job, Outside, Write, evaluate

ROAR = [sys.executable, "-m", "roar_core"]
PATHS = ("a", "b", "c", "d")
TEXTS = ("1" * 70, "2" * 70, "small")
PROGRAMS = ("p.sh", "q.sh")
SCRIPT = """#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    read) cat "$2" > /dev/null; shift 2;;
    write) printf %s "$3" > "$2"; shift 3;;
    append) printf %s "$3" >> "$2"; shift 3;;
    rename) mv "$2" "$3"; shift 3;;
    copy) cp "$2" "$3"; shift 3;;
    delete) rm "$2"; shift 2;;
    fail) exit 3;;
  esac
done 2> /dev/null
exit 0
"""


@dataclass
class Project:
    """A real project, and beside it what the model is told of it."""

    root: Path
    disk: dict[str, str] = field(default_factory=dict)
    events: list[Job | Outside] = field(default_factory=list)

    def __post_init__(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROAR_")}
        self.environment = {**kept, "ROAR_TRACER__DEFAULT": "ptrace", "NO_COLOR": "1"}
        self.roar("init", "-n")
        for program in PROGRAMS:
            (self.root / program).write_text(SCRIPT)
            (self.root / program).chmod(0o755)

    def roar(self, *arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            [*ROAR, *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == status, f"{arguments}: {done.returncode} {done.stderr}"
        return done.stdout

    def edit(self, path: str, text: str | None) -> None:
        """Changes a file outside of roar."""
        if text is None:
            (self.root / path).unlink(missing_ok=True)
            self.disk.pop(path, None)
        else:
            (self.root / path).write_text(text)
            self.disk[path] = text
        self.events.append(Outside(path, None if text is None else content(text)))

    def run(self, program: str, words: tuple[str, ...]) -> None:
        """Runs a program, which does what the words say."""
        self._note(Job(program, words), (f"./{program}", *words))

    def run_again(self, number: int) -> None:
        """Runs a step again: of those there are, the one that the number falls on."""
        steps = evaluate(self.events, {}).step
        if steps:
            step = sorted(set(steps.values()))[number % len(set(steps.values()))]
            jobs = [job for i, job in enumerate(self.events) if steps.get(i) == step and isinstance(job, Job)]
            chosen = next((job for job in reversed(jobs) if job.ok), jobs[-1])
            self._note(Job(chosen.program, chosen.arguments, rerun=step), (f"@{step}",))

    def _note(self, job: Job, command: Sequence[str]) -> None:
        effect = Effect(dict(self.disk))
        effect.do(job.arguments)
        self.roar("run", "-q", *command, status=3 if effect.failed else 0)
        self.disk = effect.disk
        assert {
            path: (self.root / path).read_text() for path in PATHS if (self.root / path).exists()
        } == self.disk
        self.events.append(
            Job(
                job.program,
                job.arguments,
                tuple((path, content(text)) for path, text in effect.reads.items()),
                tuple(Write(path, content(self.disk[path]), how) for path, how in effect.writes.items()),
                ok=not effect.failed,
                rerun=job.rerun,
            )
        )

    def recorded(self) -> tuple[dict[int, int], dict[Any, Any], dict[int, str], set[int]]:
        """What roar says: steps, sources, states, and which jobs it shows; jobs by their index in the events."""
        indices = [i for i, event in enumerate(self.events) if isinstance(event, Job)]
        jobs = list(reversed(json.loads(self.roar("log", "--json"))))
        index_of = {job["uid"]: i for i, job in zip(indices, jobs, strict=True)}
        sources = {}
        for job in jobs:
            for edge in json.loads(self.roar("show", job["uid"], "--json"))["inputs"]:
                producer = index_of[edge["producer"]] if edge["producer"] else None
                sources[index_of[job["uid"]], edge["path"]] = (edge["origin"], producer)
        every = json.loads(self.roar("dag", "--verify", "--expanded", "--json"))["steps"]
        shown = json.loads(self.roar("dag", "--verify", "--json"))["steps"]
        steps = {index_of[job["uid"]]: int(job["step"][1:]) for job in jobs}
        states = {index_of[node["job"]]: node["state"] for node in every}
        return steps, sources, states, {index_of[node["job"]] for node in shown}


@dataclass
class Effect:
    """What a script does, worked out beside it. `writes`: how each path that it left came about."""

    disk: dict[str, str]
    reads: dict[str, str] = field(default_factory=dict)
    writes: dict[str, str] = field(default_factory=dict)
    failed: bool = False

    def do(self, words: tuple[str, ...]) -> None:
        for verb, *operands in operations(words):
            if verb == "fail":
                self.failed = True
                return
            getattr(self, f"_{verb}")(*operands)

    def _read(self, path: str) -> None:
        if path in self.disk:
            self.reads.setdefault(path, self.disk[path])

    def _write(self, path: str, text: str) -> None:
        self.disk[path] = text
        self.writes[path] = "created"

    def _append(self, path: str, text: str) -> None:
        self.writes[path] = "appended" if path in self.disk else "created"
        self.disk[path] = self.disk.get(path, "") + text

    def _copy(self, source: str, target: str) -> None:
        if source in self.disk:
            self._read(source)
            self._write(target, self.disk[source])

    def _rename(self, source: str, target: str) -> None:
        if source in self.disk:
            self._copy(source, target)
            del self.disk[source]

    def _delete(self, path: str) -> None:
        self.disk.pop(path, None)


def operations(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The operations that a script's words stand for."""
    sizes = {"read": 2, "delete": 2, "fail": 1}
    while words:
        size = sizes.get(words[0], 3)
        yield words[:size]
        words = words[size:]


def content(text: str) -> str:
    """The model's name for a content: by the bytes, and whether they are too few to be recognised as a copy."""
    return text if len(text) >= 64 else f"small {text}"


@st.composite
def scripts(draw: st.DrawFn) -> tuple[str, ...]:
    """Words for a script that changes each path once at most, and reads none that it has changed."""
    untouched = list(PATHS)
    words: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        verbs = ["read", "read", "write", "write", "append"] + (
            ["copy", "rename", "delete"] if len(untouched) > 1 else []
        )
        verb = draw(st.sampled_from(verbs))
        if not untouched:
            break
        path = draw(st.sampled_from(untouched))
        words += [verb, path]
        if verb in ("write", "append"):
            words.append(draw(st.sampled_from(TEXTS)))
        if verb in ("copy", "rename"):
            target = draw(st.sampled_from([other for other in untouched if other != path]))
            words.append(target)
            untouched.remove(target)
        if verb in ("write", "append", "rename", "delete"):
            untouched.remove(path)
    return tuple(words + (["fail"] if draw(st.integers(0, 5)) == 0 else []))


EVENTS = st.one_of(
    st.tuples(st.sampled_from(PROGRAMS), scripts()),
    st.tuples(st.sampled_from(PROGRAMS), scripts()),
    st.tuples(st.just("again"), st.integers(0, 5)),
    st.tuples(
        st.just("edit"), st.tuples(st.sampled_from(PATHS), st.one_of(st.none(), st.sampled_from(TEXTS)))
    ),
)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(EVENTS, min_size=3, max_size=7))
def test_real_pipelines_are_understood_as_by_the_model(events: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        for what, operand in events:
            if what == "again":
                project.run_again(operand)
            elif what == "edit":
                project.edit(*operand)
            else:
                project.run(what, operand)
        expected = evaluate(project.events, {path: content(text) for path, text in project.disk.items()})
        steps, sources, states, shown = project.recorded()
        assert steps == expected.step
        assert sources == {key: (origin, expected.producer[key]) for key, origin in expected.origin.items()}
        assert states == expected.state
        assert shown == expected.shown
