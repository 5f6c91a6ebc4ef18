"""`record.jsonl`: a complete run on disk, waiting to be taken into the database. Written and read as a stream.

Lines: head, processes, inputs, outputs, end. The end line says where each section begins and how long it is; without
it the file is not a record.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

from roar_core.errors import StoreDamaged
from roar_core.store import record_lines
from roar_core.store.failures import translate_os_error
from roar_core.store.records import RunRecord

T = TypeVar("T")
_END_BYTES = 4096


def write_record_file(path: Path, run: RunRecord) -> None:
    """Writes `run` to `path`: complete and on the disk, or not there at all. Its iterables are consumed once.

    Raises `StoreFull`, `StoreReadOnly`.
    """
    new = path.with_name(path.name + ".new")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            _write(file, run)
            file.flush()
            os.fsync(file.fileno())
        os.rename(new, path)
        _sync_directory(path.parent)
    except OSError as error:
        with suppress(OSError):
            new.unlink()  # gives back what space it took
        raise translate_os_error(error, path) from error


def read_record_file(path: Path) -> RunRecord:
    """Returns the run in `path`; its iterables read the file anew each time they are iterated.

    Raises `StoreDamaged` for a file that is not a complete record.
    """
    try:
        with open(path, "rb") as file:
            head = file.readline().decode()
            end = _read_end(file)
        job, gaps, drops = record_lines.parse_head(head)
        processes = Section(path, _span(end, "processes"), record_lines.parse_process)
        inputs = Section(path, _span(end, "inputs"), record_lines.parse_input)
        outputs = Section(path, _span(end, "outputs"), record_lines.parse_output)
    except OSError as error:
        raise translate_os_error(error, path) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(
            f"record is damaged: `{path}`", "the run itself is not lost: roar doctor"
        ) from error
    return RunRecord(job, inputs, outputs, processes, gaps, drops)


@dataclass(frozen=True, slots=True)
class Section(Generic[T]):
    """The lines of one kind, parsed as they are read; `span` is where they begin, in bytes, and how many there are."""

    path: Path
    span: tuple[int, int]
    parse: Callable[[str], T]

    def __len__(self) -> int:
        return self.span[1]

    def __iter__(self) -> Iterator[T]:
        with open(self.path, "rb") as file:
            offset, count = self.span
            file.seek(offset)
            for number in range(count):
                try:
                    yield self.parse(file.readline().decode())
                except (ValueError, KeyError, TypeError) as error:
                    raise StoreDamaged(f"record is damaged at item {number}: `{self.path}`") from error


def _write(file: BinaryIO, run: RunRecord) -> None:
    file.write(record_lines.head_line(run).encode() + b"\n")
    end = {
        "processes": _write_section(file, run.processes, record_lines.process_line),
        "inputs": _write_section(file, run.inputs, record_lines.edge_line),
        "outputs": _write_section(file, run.outputs, record_lines.edge_line),
    }
    file.write(json.dumps({"end": end}).encode() + b"\n")


def _write_section(file: BinaryIO, items: Iterable[T], line: Callable[[T], str]) -> tuple[int, int]:
    offset = file.tell()
    count = 0
    for item in items:
        file.write(line(item).encode() + b"\n")
        count += 1
    return offset, count


def _read_end(file: BinaryIO) -> dict[str, Any]:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_BYTES))
    tail = file.read()
    if not tail.endswith(b"\n"):
        raise ValueError("no end line")
    end: dict[str, Any] = json.loads(tail[:-1].rpartition(b"\n")[2])["end"]
    return end


def _span(end: dict[str, Any], section: str) -> tuple[int, int]:
    offset, count = end[section]
    return int(offset), int(count)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
