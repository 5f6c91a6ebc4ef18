"""The control channel between roar and a tracer: newline-delimited JSON on a socket pair."""

from __future__ import annotations

import json
import socket
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One line from the tracer. `kind` is started, exec_failed, failed, signal, warning, ready, ended or closed."""

    kind: str
    fields: dict[str, Any]


class ControlChannel:
    """roar's end of the channel; `at_end` is set once the tracer has closed its own."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.setblocking(False)
        self._buffer = b""
        self.at_end = False

    def fileno(self) -> int:
        """Returns the descriptor to wait on."""
        return self._connection.fileno()

    def receive(self) -> list[Event]:
        """Returns the events that have arrived, without waiting."""
        while not self.at_end:
            try:
                data = self._connection.recv(65536)
            except BlockingIOError:
                break
            except OSError:  # ECONNRESET: the tracer was killed with something unread
                data = b""
            if not data:
                self.at_end = True
            self._buffer += data
        *lines, self._buffer = self._buffer.split(b"\n")
        return [event for event in map(_parse, lines) if event is not None]

    def close(self) -> None:
        """Hangs up. A tracer whose recording is still open takes that for roar's death."""
        self._connection.close()


def _parse(line: bytes) -> Event | None:
    try:
        fields = json.loads(line)
        return Event(str(fields["event"]), fields)
    except (ValueError, KeyError, TypeError):
        return None
