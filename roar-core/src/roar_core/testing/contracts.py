"""What a plugin must do, as pytest classes: a plugin's author subclasses the one for its kind and gives the fixture.

    class TestMine(HasherContract):
        digest_size = 32

        @pytest.fixture
        def hasher(self) -> Hasher:
            return MyHasher()

Needs pytest, which roar-core itself does not.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roar_core.plugin.protocols import (
    Access,
    AccessFilter,
    Availability,
    FilterContext,
    Hasher,
    TraceOptions,
    Tracer,
)

RUN_SECONDS = 60
STRANGE_NAME = os.fsdecode(b"caf\xe9 \xff.bin")


class TracerContract:
    """A tracer answers for itself, and observes a command as ARCHITECTURE.md says. Fixture: `tracer`."""

    @pytest.fixture
    def usable_tracer(self, tracer: Tracer) -> Tracer:
        """Returns the tracer; skips the test where it does not work."""
        answer = tracer.probe()
        if not answer.usable:
            pytest.skip(
                f"the tracer does not work here: {answer.reason}; {answer.hint or 'it gives no hint'}"
            )
        return tracer

    def test_probe_gives_a_version_or_a_reason(self, tracer: Tracer) -> None:
        """A user is told why a tracer does not work."""
        answer = tracer.probe()
        assert isinstance(answer, Availability)
        assert answer.version if answer.usable else answer.reason

    def test_command_starts_a_program_and_keeps_the_command(self, tracer: Tracer, tmp_path: Path) -> None:
        """The plan names its program by an absolute path, and passes the command on untouched."""
        argv = ("python", "-c", "--", "--report", "", STRANGE_NAME)
        plan = tracer.command(argv, TraceOptions(tmp_path / "report"))
        assert os.path.isabs(plan.argv[0])
        assert plan.argv[-len(argv) :] == argv

    def test_report_names_what_was_read_and_written(self, usable_tracer: Tracer, tmp_path: Path) -> None:
        """The smallest job with an input and an output is seen whole."""
        (tmp_path / "in").write_text("x")
        status, lines = self._observe(usable_tracer, tmp_path, "read x < in; echo $x > out")
        files = {Path(line["path"]).name: line for line in lines if line["type"] == "file" and "path" in line}
        assert status == 0
        assert (files["in"]["read"], files["in"]["written"]) == (True, False)
        assert files["out"]["written"]

    def test_report_is_complete_and_of_this_format(self, usable_tracer: Tracer, tmp_path: Path) -> None:
        """It begins with its format and ends with its end."""
        _, lines = self._observe(usable_tracer, tmp_path, ":")
        assert (lines[0]["type"], lines[0]["format"]) == ("header", "roar-trace/1")
        assert [line["type"] for line in lines].count("end") == 1
        assert lines[-1]["level"] in ("kernel", "libc", "partial")

    def test_exit_status_is_the_commands(self, usable_tracer: Tracer, tmp_path: Path) -> None:
        """The command's status is passed on, and reported."""
        status, lines = self._observe(usable_tracer, tmp_path, "exit 7")
        assert (status, lines[-1]["exit_code"]) == (7, 7)

    def _observe(self, tracer: Tracer, folder: Path, script: str) -> tuple[int, list[dict[str, Any]]]:
        report = folder / "report.jsonl"
        plan = tracer.command(("/bin/sh", "-c", script), TraceOptions(report))
        environment = {**os.environ, **plan.env}
        done = subprocess.run(plan.argv, cwd=folder, env=environment, timeout=RUN_SECONDS, check=False)
        return done.returncode, [json.loads(line) for line in report.read_bytes().splitlines()]


class HasherContract:
    """A hasher digests the same bytes alike, however it gets them. Fixture: `hasher`; attribute: `digest_size`."""

    digest_size: int
    sizes = (0, 1, 63, 64, 65, 1 << 16, (1 << 20) + 1)

    def test_digest_has_the_size_that_its_spec_says(self, hasher: Hasher) -> None:
        """The store and the wire rely on it."""
        assert len(hasher.new().digest()) == self.digest_size

    def test_digest_is_the_same_in_parts(self, hasher: Hasher) -> None:
        """Bytes may come in any portions, as bytes or as a memoryview."""
        for size in self.sizes:
            data = _bytes(size)
            whole, parts = hasher.new(), hasher.new()
            whole.update(data)
            parts.update(data[: size // 3])
            parts.update(memoryview(data)[size // 3 :])
            assert whole.digest() == parts.digest()

    def test_digest_of_a_file_is_that_of_its_bytes(self, hasher: Hasher, tmp_path: Path) -> None:
        """Whatever its size is."""
        for size in self.sizes:
            state = hasher.new()
            state.update(_bytes(size))
            path = tmp_path / str(size)
            path.write_bytes(_bytes(size))
            assert hasher.hash_file(str(path)) == state.digest()

    def test_digest_of_a_file_with_a_strange_name(self, hasher: Hasher, tmp_path: Path) -> None:
        """A path is bytes, or text with escaped bytes."""
        path = tmp_path / STRANGE_NAME
        path.write_bytes(b"x")
        assert hasher.hash_file(str(path)) == hasher.hash_file(os.fsencode(path))

    def test_digests_of_other_bytes_differ(self, hasher: Hasher) -> None:
        """One bit is enough."""
        first, second = hasher.new(), hasher.new()
        first.update(b"\x00")
        second.update(b"\x01")
        assert first.digest() != second.digest()

    def test_missing_file_is_an_os_error(self, hasher: Hasher, tmp_path: Path) -> None:
        """The caller records why there is no digest."""
        with pytest.raises(FileNotFoundError):
            hasher.hash_file(str(tmp_path / "missing"))


class FilterContract:
    """A filter judges by what it is told. Fixture: `make_filter`, which takes a `FilterContext` and gives the filter.

    `dropped` has paths that it must drop, from a file of `/home/me` or of the project `/home/me/project`; `kept` ones
    that it must keep.
    """

    dropped: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    context = FilterContext(
        project="/home/me/project",
        home="/home/me",
        cwd="/home/me/project",
        named=frozenset(),
        interpreters=("/usr",),
        settings={},
    )

    def test_drops_what_it_is_for(self, make_filter: Callable[[FilterContext], AccessFilter]) -> None:
        """And says why in one short word."""
        judge = make_filter(self.context)
        for path in self.dropped:
            reason = judge.drop_reason(_read(path))
            assert reason, path
            assert reason == reason.lower().strip()
            assert len(reason.split()) == 1

    def test_keeps_data_of_the_project(self, make_filter: Callable[[FilterContext], AccessFilter]) -> None:
        """Data files of the project are never dropped for where they are."""
        judge = make_filter(self.context)
        for path in ("/home/me/project/data/train.csv", f"/home/me/project/{STRANGE_NAME}", *self.kept):
            assert judge.drop_reason(_read(path)) is None, path

    def test_keep_says_the_same(self, make_filter: Callable[[FilterContext], AccessFilter]) -> None:
        """`keep` and `drop_reason` are two forms of one verdict."""
        judge = make_filter(self.context)
        for path in (*self.dropped, *self.kept, "/home/me/project/x"):
            assert judge.keep(_read(path)) == (judge.drop_reason(_read(path)) is None)

    def test_verdict_does_not_depend_on_the_order(
        self, make_filter: Callable[[FilterContext], AccessFilter]
    ) -> None:
        """What a filter remembers of one file says nothing of another."""
        paths = [*self.dropped, *self.kept, "/home/me/project/x"]
        forward, backward = make_filter(self.context), make_filter(self.context)
        verdicts = {path: forward.drop_reason(_read(path)) for path in paths}
        assert {path: backward.drop_reason(_read(path)) for path in reversed(paths)} == verdicts

    def test_what_it_says_of_folders_holds(
        self, make_filter: Callable[[FilterContext], AccessFilter]
    ) -> None:
        """Where it judges by folder, it does so for all names but those that it calls special."""
        judge = make_filter(self.context)
        if not getattr(judge, "by_folder", False):
            return
        special = re.compile(getattr(judge, "special_names", None) or "(?!)", re.DOTALL)
        for path in (*self.dropped, *self.kept, "/home/me/project/x"):
            folder, _, name = path.rpartition("/")
            if special.fullmatch(name) is None:
                for other in ("x", "y.csv", STRANGE_NAME):
                    alike = judge.drop_reason(_read(f"{folder}/{other}"))
                    assert alike == judge.drop_reason(_read(path)), path

    def with_settings(self, **settings: object) -> FilterContext:
        """Returns the context with other settings, for the tests of a subclass; `a__b` is `a.b`."""
        return self.context._replace(
            settings={key.replace("__", "."): value for key, value in settings.items()}
        )


def _read(path: str) -> Access:
    return Access(path, (), read=True, written=False)


def _bytes(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]
