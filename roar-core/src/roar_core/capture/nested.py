"""A run inside a run: one tracer serves both (ARCHITECTURE.md, "A run inside a run")."""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import struct
from collections.abc import Iterator
from typing import Any

from roar_core.capture.command import Command
from roar_core.capture.control import ControlChannel, Event
from roar_core.plugin.protocols import TraceOptions

ANSWER_SECONDS = 10.0
GONE = Event("gone", {})


def connect_to_outer_tracer() -> socket.socket | None:
    """Returns a connection to the tracer that observes this process, or None where there is none.

    The tracer of a run listens on an abstract address made of its pid namespace, its user and the process id of the
    roar that started it, so it is found by walking this process's ancestors: no environment variable, which a job might
    clear. (Other namespaces share the addresses, and have the same process ids.)
    """
    try:
        namespace = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        namespace = 0
    for pid in _ancestors(os.getpid()):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            connection.connect(b"\0roar-tracer/%d/%d/%d" % (namespace, os.geteuid(), pid))
        except OSError:
            connection.close()
            continue
        if _peer_user(connection) in (0, os.geteuid()):
            return connection
        connection.close()
    return None


def request_recording(
    connection: socket.socket, pid: int, uid: str, command: Command, options: TraceOptions, report: int
) -> tuple[ControlChannel, Event]:
    """Asks the outer tracer to record process `pid` apart, and returns the channel and the tracer's answer.

    The answer is GONE if the tracer has ended meanwhile. `report` and `options.lock` are descriptors that travel with
    the request.
    """
    request: dict[str, Any] = {"request": "record", "pid": pid, "uid": uid, "wait": options.wait}
    request["preserve_limit"] = options.preserve_limit
    request["keep"] = str(options.keep) if options.keep else None
    request.update(_text("argv", list(command.argv)))
    request.update(_text("cwd", command.cwd))
    descriptors = [report] if options.lock is None else [report, options.lock]
    message = json.dumps(request).encode() + b"\n"
    try:
        sent = socket.send_fds(connection, [message], descriptors)
        connection.sendall(message[sent:])
    except OSError:
        return ControlChannel(connection), GONE
    channel = ControlChannel(connection)
    events: list[Event] = []
    while not events and not channel.at_end:
        if not select.select([channel], [], [], ANSWER_SECONDS)[0]:
            break
        events = channel.receive()
    if events:
        return channel, events[0]
    if channel.at_end:
        return channel, GONE
    return channel, Event("failed", {"reason": "the outer tracer did not answer", "hint": None})


def _text(key: str, value: str | list[str]) -> dict[str, Any]:
    """A string travels as base64 under `key_bytes` where it is not UTF-8, a list of strings as a whole."""
    texts = [value] if isinstance(value, str) else value
    try:
        for text in texts:
            text.encode()
    except UnicodeEncodeError:
        encoded = [base64.b64encode(os.fsencode(text)).decode() for text in texts]
        return {f"{key}_bytes": encoded[0] if isinstance(value, str) else encoded}
    return {key: value}


def _ancestors(pid: int) -> Iterator[int]:
    while pid > 1:
        try:
            with open(f"/proc/{pid}/stat", "rb") as stat:
                # pid (comm) state ppid: comm may hold anything, so count from its last parenthesis
                pid = int(stat.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            return
        if pid > 0:
            yield pid


def _peer_user(connection: socket.socket) -> int:
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", credentials)
    return int(user)
