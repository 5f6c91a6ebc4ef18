"""Processes that read files from the end of a list while this one reads from its beginning.

Threads would not do: an interpreter runs one at a time, and handing it over costs more than digesting a small file.
Nobody waits for anybody: what has not arrived when it is asked for is read here.
"""

from __future__ import annotations

import fcntl
import marshal
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

from roar_core.capture.contents import NO_DIGESTS, Content, Wanted
from roar_core.capture.reader import Reader
from roar_core.capture.signals import FORWARDED
from roar_core.store.records import Identity

_MOST = 3
_AT_ONCE = 250  # files whose digests are passed on together
_PIPE_BYTES = 1 << 20
_LENGTH_BYTES = 4
_MOST_DESCRIPTORS = 1 << 16


def fellow_count() -> int:
    """Returns how many are worth starting here."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors - 1, _MOST)


class FellowReaders:
    """Forks of this process, each with its share of the files."""

    def __init__(self, reader: Reader, files: Sequence[Wanted], count: int) -> None:
        self._algorithms = reader.algorithms
        self._found: dict[Identity, Content] = {}
        self._fellows: list[_Fellow] = []
        self._asked = 0
        backwards = files[::-1]
        with suppress(OSError):  # no more processes or descriptors are to be had: so much is read here
            for number in range(count):
                self._fellows.append(_Fellow(reader, backwards[number::count]))

    def take(self, identity: Identity) -> Content | None:
        """Returns what one of them has found in a file with this identity, if that has arrived."""
        if self._asked % _AT_ONCE == 0:
            for fellow in self._fellows:
                for device, inode, size, mtime_ns, ctime_ns, reason, digests in fellow.receive():
                    content = Content(NO_DIGESTS, size, reason)
                    if reason is None:
                        content = Content(dict(zip(self._algorithms, digests, strict=True)), size)
                    self._found[Identity(device, inode, size, mtime_ns, ctime_ns)] = content
        self._asked += 1
        return self._found.pop(identity, None)

    def close(self) -> None:
        """Ends them, whatever they are doing."""
        for fellow in self._fellows:
            fellow.end()
        self._fellows = []


class _Fellow:
    def __init__(self, reader: Reader, files: Sequence[Wanted]) -> None:
        self._receive, send = os.pipe()
        try:
            self._process = os.fork()
        except OSError:
            os.close(self._receive)
            os.close(send)
            raise
        if self._process == 0:
            _read_all(reader, files, send)
        os.close(send)
        os.set_blocking(self._receive, False)
        self._arrived = b""

    def receive(self) -> list[tuple[Any, ...]]:
        """Returns the results that have arrived since, without waiting."""
        with suppress(BlockingIOError):
            while data := os.read(self._receive, _PIPE_BYTES):
                self._arrived += data
        results: list[tuple[Any, ...]] = []
        while len(self._arrived) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(self._arrived[:_LENGTH_BYTES], "little")
            if len(self._arrived) < end:
                break
            results += marshal.loads(self._arrived[_LENGTH_BYTES:end])
            self._arrived = self._arrived[end:]
        return results

    def end(self) -> None:
        os.close(self._receive)
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def _read_all(reader: Reader, files: Sequence[Wanted], send: int) -> NoReturn:
    """Reads the files in a fork, and ends it. Nothing of the parent's is kept open, locks least of all."""
    try:
        os.setsid()  # the terminal's signals are for the parent
        signal.set_wakeup_fd(-1)
        for number in FORWARDED:
            signal.signal(number, signal.SIG_DFL)
        os.closerange(0, send)
        os.closerange(send + 1, min(os.sysconf("SC_OPEN_MAX"), _MOST_DESCRIPTORS))
        with suppress(OSError, AttributeError):  # Linux alone has it
            fcntl.fcntl(send, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        for start in range(0, len(files), _AT_ONCE):
            results = []
            for identity, path in files[start : start + _AT_ONCE]:
                content = reader.read(path, identity)
                digests = tuple(content.digests[name] for name in reader.algorithms if not content.reason)
                results.append((*identity, content.reason, digests))
            data = marshal.dumps(results)
            data = len(data).to_bytes(_LENGTH_BYTES, "little") + data
            while data:
                data = data[os.write(send, data) :]
    finally:
        os._exit(0)
