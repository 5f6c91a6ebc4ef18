"""Standing where the command would stand: its signals, its stops, its end.

roar is the job's parent, in its process group, with its terminal. A signal sent to the whole group has reached the job
already; one sent to roar alone is passed on. The tracer is the witness that tells the two apart: it is in the group,
too, and reports each such signal that it gets. Without a tracer there is no witness: every signal is passed on.
"""

from __future__ import annotations

import math
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from roar_core.capture.control import ControlChannel, Event
from roar_core.capture.ending import Ending
from roar_core.capture.signals import FORWARDED, SignalWatch

# The tracer may have to wait for a processor, or be digesting what the job is about to overwrite; a second signal could
# make the job give up cleaning up after the first.
WITNESS_SECONDS = 0.25
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024  # getrusage(2)


def is_pending(process: int, number: int) -> bool:
    """Returns whether a signal waits for a process that has not run since it was sent (Linux)."""
    with suppress(OSError, ValueError), open(f"/proc/{process}/status", "rb") as status:
        for line in status:
            if line.startswith(b"ShdPnd:"):
                return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


class TracerFailed(Exception):
    """The tracer gave up before the command was started; another may be tried."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class TracerGone(TracerFailed):
    """The outer run's tracer has ended before it answered: this run is inside no other any more."""


class Front:
    """Waits for one job. `job` is None until the tracer has named the process that it made."""

    def __init__(
        self,
        watch: SignalWatch,
        warn: Callable[[str], None],
        channel: ControlChannel | None,
        job: int | None,
        tracer: int | None,
    ) -> None:
        self._watch = watch
        self._warn = warn
        self._channel = channel
        self._job = job
        self._tracer = tracer
        self._ending: Ending | None = None
        self._exec_errno: int | None = None
        # signal → when it is passed on, unless the tracer has seen it, too
        self._waiting: dict[int, float] = {}
        # signal → when the tracer reported one that has not come here yet
        self._ahead: dict[int, float] = {}
        self.report_closed = False

    def wait(self) -> Ending:
        """Returns how the job ended, once its report is complete or its tracer is gone.

        Raises:
            TracerFailed: nothing was started.
        """
        poll = select.poll()
        poll.register(self._watch, select.POLLIN)
        if self._channel is not None:
            poll.register(self._channel, select.POLLIN)
        while True:
            self._reap()
            if self._ending is not None and (
                self._channel is None or self.report_closed or self._channel.at_end
            ):
                return self._ending._replace(errno=self._exec_errno)
            poll.poll(self._timeout_milliseconds())
            self._note_signals()
            if self._channel is not None and not self._channel.at_end:
                self._listen(self._channel, poll)
            self._forward_due()

    def _listen(self, channel: ControlChannel, poll: select.poll) -> None:
        for event in channel.receive():
            self._take(event)
        if channel.at_end:
            poll.unregister(channel)
            self._tracer_is_gone()

    def _note_signals(self) -> None:
        for number in self._watch.receive():
            if number in FORWARDED:
                now = time.monotonic()
                if now - self._ahead.pop(number, -math.inf) >= WITNESS_SECONDS:
                    self._waiting[number] = now + WITNESS_SECONDS

    def _take(self, event: Event) -> None:
        if event.kind == "started":
            self._job = int(event.fields["pid"])
        elif event.kind == "signal":
            number = int(event.fields["signal"])
            if self._waiting.pop(number, None) is None:
                self._ahead[number] = time.monotonic()
        elif event.kind == "warning":
            self._warn(str(event.fields["text"]))
        elif event.kind == "exec_failed":
            self._exec_errno = int(event.fields["errno"])
        elif event.kind == "failed":
            self._reap_tracer()
            raise TracerFailed(str(event.fields["reason"]), event.fields.get("hint"))
        elif event.kind == "closed":
            self.report_closed = True

    def _tracer_is_gone(self) -> None:
        if self._job is None:
            self._reap_tracer()
            raise TracerFailed("the tracer ended before it had started the command")
        if not self.report_closed:
            self._warn("the tracer has gone without a complete report: this run is recorded as interrupted")

    def _timeout_milliseconds(self) -> float | None:
        if not self._waiting:
            return None
        return max(0.0, min(self._waiting.values()) - time.monotonic()) * 1000 + 1

    def _forward_due(self) -> None:
        now = time.monotonic()
        for number in [number for number, due in self._waiting.items() if due <= now]:
            if self._job is None:
                continue
            if self._tracer is not None and is_pending(self._tracer, number):
                self._waiting[number] = now + WITNESS_SECONDS  # it got the signal, and has not run since
                continue
            del self._waiting[number]
            self._signal_job(number)

    def _signal_job(self, number: int) -> None:
        if self._job is not None and self._ending is None:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._job, number)

    def _reap(self) -> None:
        while self._job is not None and self._ending is None:
            pid, status, usage = os.wait4(self._job, os.WNOHANG | os.WUNTRACED)
            if pid == 0:
                return
            if os.WIFSTOPPED(status):
                self._stop_with_job()
                continue
            signalled = os.WIFSIGNALED(status)
            self._ending = Ending(
                exit_code=None if signalled else os.WEXITSTATUS(status),
                signal=os.WTERMSIG(status) if signalled else None,
                ended_ns=time.time_ns(),
                errno=None,
                peak_memory_bytes=usage.ru_maxrss * _MAXRSS_BYTES,
                cpu_seconds=usage.ru_utime + usage.ru_stime,
            )

    def _stop_with_job(self) -> None:
        """The shell waits for roar: it sees the job's stop as roar's, and its `fg` continues both."""
        self._note_signals()
        self._waiting.pop(signal.SIGTSTP, None)  # it has done its work
        os.kill(os.getpid(), signal.SIGSTOP)
        self._signal_job(signal.SIGCONT)

    def _reap_tracer(self) -> None:
        if self._tracer is not None:
            with suppress(ChildProcessError):
                os.waitpid(self._tracer, 0)
