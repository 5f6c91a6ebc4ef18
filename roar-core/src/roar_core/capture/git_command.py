"""Running git beside the user's job unnoticed: bounded in time and output, taking no lock, starting no hook."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

_CHUNK = 1 << 16
# Optional locks would be the index lock that the job's own git may need. The monitor is a daemon that would stay.
_OPTIONS = ("--no-optional-locks", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
_MOST_ERROR_BYTES = 4096


class Output(NamedTuple):
    """What a git process wrote. `status` is None if it was stopped, since it took too long or wrote too much."""

    status: int | None
    text: bytes
    error: str


class GitProcess:
    """A git that is running."""

    def __init__(self, folder: str | os.PathLike[str], arguments: Sequence[str]) -> None:
        """Starts it. Raises OSError where there is no git, or the folder is gone."""
        self._process = subprocess.Popen(
            ("git", *_OPTIONS, *arguments),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is meant for the job
        )

    def finish(self, deadline: float, most_bytes: int = 64 << 20) -> Output:
        """Returns the output once the process has ended; at the deadline (`time.monotonic`) it is stopped."""
        process = self._process
        assert process.stdout is not None
        assert process.stderr is not None
        texts = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
        output, error = texts.values()
        try:
            with selectors.DefaultSelector() as selector:
                for descriptor in texts:
                    selector.register(descriptor, selectors.EVENT_READ)
                while selector.get_map() and len(output) <= most_bytes:
                    ready = selector.select(max(0.0, deadline - time.monotonic()))
                    if not ready:
                        break
                    for key, _ in ready:
                        part = os.read(key.fd, _CHUNK)
                        if not part:
                            selector.unregister(key.fd)
                        elif texts[key.fd] is output or len(error) < _MOST_ERROR_BYTES:
                            texts[key.fd] += part
                complete = not selector.get_map()
            if complete:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.1, deadline - time.monotonic()))
            status = process.poll()
        finally:
            self.stop()
        return Output(status, bytes(output), error.decode("utf-8", "replace").strip())

    def stop(self) -> None:
        """Ends the process, and those that it started, if it has not ended yet."""
        process = self._process
        if process.poll() is None:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def run_git(folder: str | os.PathLike[str], arguments: Sequence[str], seconds: float) -> Output | None:
    """Returns what git said within that time, or None where there is no git to run."""
    try:
        return GitProcess(folder, arguments).finish(time.monotonic() + seconds)
    except OSError:
        return None
