"""The signals that roar gets while a job runs, as something that can be waited for beside descriptors."""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType

FORWARDED = (
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
    signal.SIGTSTP,
    signal.SIGWINCH,
)
STOP_WAITING = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP})


class SignalWatch:
    """While entered, the forwarded signals and SIGCHLD are counted instead of acted on.

    A signal that this process was started to ignore (`nohup`) stays ignored, here and in the job.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._before: dict[int, object] = {}
        self._asked_to_stop = False

    def __enter__(self) -> SignalWatch:
        self._wakeup = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (*FORWARDED, signal.SIGCHLD):
            if number == signal.SIGCHLD or signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, _note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Python complains of a signal whose handler was taken away before it got round to it.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, self._before)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal itself returned
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._read)
        os.close(self._write)

    def fileno(self) -> int:
        """Returns the descriptor that becomes readable with a signal."""
        return self._read

    def receive(self) -> list[int]:
        """Returns the signals that have arrived since the last call, without waiting."""
        try:
            numbers = list(os.read(self._read, 4096))
        except BlockingIOError:
            numbers = []
        if STOP_WAITING & set(numbers):
            self._asked_to_stop = True
        return numbers

    def asked_to_stop(self) -> bool:
        """Returns whether a signal that would end a program has arrived since `forget`."""
        self.receive()
        return self._asked_to_stop

    def hold_back(self) -> None:
        """Lets no signal in any more: this process is about to end as its job did, and not by one of its own."""
        signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)

    def forget(self) -> None:
        """Starts anew: what the job was sent is not meant for the digesting that comes after it."""
        self.receive()
        self._asked_to_stop = False


def _note(number: int, frame: FrameType | None) -> None:
    """Python writes the number to the wake-up descriptor; there is nothing else to do."""
