"""Starting a command once, under a tracer, under the tracer of an outer run, or under none."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from roar_core.capture.command import Command
from roar_core.capture.control import ControlChannel
from roar_core.capture.ending import Ending
from roar_core.capture.front import Front, TracerFailed, TracerGone
from roar_core.capture.nested import request_recording
from roar_core.capture.signals import SignalWatch
from roar_core.errors import system_reason
from roar_core.plugin.protocols import TraceOptions, Tracer

IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)  # and so by its children, were it not undone
PR_SET_PDEATHSIG = 1


class OuterRun(NamedTuple):
    """The run that this one is started in: the name of its tracer, and its uid if it is being recorded."""

    tracer: str
    uid: str | None


class Listener(NamedTuple):
    """Who wants to know: `warn` shows a line to the user, `started` is called once the command has been started."""

    watch: SignalWatch
    warn: Callable[[str], None]
    started: Callable[[], None]


def run_observed(tracer: Tracer, command: Command, options: TraceOptions, listener: Listener) -> Ending:
    """Runs the command under `tracer` and returns how it ended.

    Raises:
        TracerFailed: nothing was started.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        plan = tracer.command(command.argv, options._replace(control=theirs.fileno()))
        passed = [theirs.fileno()] + ([options.lock] if options.lock is not None else [])
        for descriptor in passed:
            os.set_inheritable(descriptor, True)
        variables = {**command.environment, **{os.fsencode(k): os.fsencode(v) for k, v in plan.env.items()}}
        try:
            pid = os.posix_spawn(plan.argv[0], plan.argv, variables, setsigdef=IGNORED_BY_PYTHON)
        except OSError as error:
            raise TracerFailed(f"cannot start `{plan.argv[0]}`: {system_reason(error)}") from error
        finally:
            for descriptor in passed:
                os.set_inheritable(descriptor, False)
        theirs.close()
        listener.started()
        return Front(listener.watch, listener.warn, ControlChannel(ours), None, pid).wait()


def run_nested(
    connection: socket.socket,
    uid: str,
    command: Command,
    options: TraceOptions,
    listener: Listener,
    accepted: Callable[[OuterRun], None],
) -> Ending:
    """Runs the command observed by the tracer of an outer run, and returns how it ended.

    `accepted` is told of that run before the command starts.

    Raises:
        TracerFailed, TracerGone: nothing was started.
    """
    report = os.open(options.report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    go_read, go_write = os.pipe()
    failure_read, failure_write = os.pipe()
    job = os.fork()
    if job == 0:
        os.close(go_write)
        if os.read(go_read, 1) != b"x":
            os._exit(125)
        _become(command, failure_write)
    os.close(go_read)
    os.close(failure_write)
    channel, answer = request_recording(connection, job, uid, command, options, report)
    os.close(report)
    try:
        if answer.kind == "gone":
            raise TracerGone("the outer tracer has ended")
        if answer.kind != "ready":
            raise TracerFailed(
                str(answer.fields.get("reason", "the outer tracer refused")), answer.fields.get("hint")
            )
        accepted(OuterRun(str(answer.fields.get("tracer", "outer")), answer.fields.get("parent")))
        os.write(go_write, b"x")
    finally:
        os.close(go_write)
        if answer.kind != "ready":
            os.waitpid(job, 0)
            os.close(failure_read)
    listener.started()
    ending = Front(listener.watch, listener.warn, channel, job, None).wait()
    return ending._replace(errno=_read_errno(failure_read))


def run_unobserved(command: Command, listener: Listener) -> Ending:
    """Runs the command without a tracer and returns how it ended."""
    die_with_parent = _parental_death()
    failure_read, failure_write = os.pipe()
    parent = os.getpid()
    job = os.fork()
    if job == 0:
        die_with_parent()
        if os.getppid() != parent:
            os._exit(125)
        _become(command, failure_write)
    os.close(failure_write)
    listener.started()
    ending = Front(listener.watch, listener.warn, None, job, None).wait()
    return ending._replace(errno=_read_errno(failure_read))


def _parental_death() -> Callable[[], object]:
    """Returns what makes a process die with its parent. On macOS nothing does, and it outlives a killed roar."""
    if sys.platform == "darwin":
        return lambda: None
    import ctypes  # wanted only here, and not to be loaded between fork and exec

    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _become(command: Command, failure: int) -> NoReturn:
    """Executes the command in this (forked) process, as a shell would; an errno goes to `failure`."""
    for ignored in IGNORED_BY_PYTHON:
        signal.signal(ignored, signal.SIG_DFL)
    number = _execute(command)
    os.write(failure, str(number).encode())
    os._exit(127 if number == errno.ENOENT else 126)


def _execute(command: Command) -> int:
    """Returns only where it fails, with the errno. A file of no known format is a script for /bin/sh (execvp(3))."""
    name, *arguments = command.argv
    found = errno.ENOENT
    if not name:
        return found
    folders = [b""] if "/" in name else command.environment.get(b"PATH", os.defpath.encode()).split(b":")
    for folder in folders:
        path = os.path.join(folder, os.fsencode(name))
        try:
            os.execve(path, command.argv, command.environment)
        except OSError as error:
            if error.errno == errno.ENOEXEC:
                os.execve("/bin/sh", ("sh", os.fsdecode(path), *arguments), command.environment)
            if "/" in name or error.errno not in (errno.ENOENT, errno.ENOTDIR):
                found = error.errno or found
    return found


def _read_errno(failure: int) -> int | None:
    with os.fdopen(failure, "rb") as pipe:
        text = pipe.read()
    return int(text) if text else None
