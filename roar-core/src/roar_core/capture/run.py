"""`roar run`: one command started once, observed, and recorded when it has ended."""

from __future__ import annotations

import gc
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from roar_core.capture.algorithms import algorithms
from roar_core.capture.command import Command, command_in_place
from roar_core.capture.ending import Ending
from roar_core.capture.facts import Facts, FactsThread
from roar_core.capture.front import TracerFailed, TracerGone
from roar_core.capture.header import UNDECIDED, RunHeader
from roar_core.capture.launch import Listener, OuterRun, run_nested, run_observed, run_unobserved
from roar_core.capture.nested import connect_to_outer_tracer
from roar_core.capture.place import RunPlace, make_place
from roar_core.capture.rerun import as_rerun, is_step
from roar_core.capture.signals import SignalWatch
from roar_core.capture.summary import stop_writing_to_files
from roar_core.capture.surroundings import Surroundings
from roar_core.capture.variables import read_variables
from roar_core.errors import CannotExecute, CannotStart, CommandNotFound, RoarError
from roar_core.plugin.protocols import TraceOptions
from roar_core.store.records import JobKind

if TYPE_CHECKING:
    from socket import socket

    from roar_core.capture.choose import Choice
    from roar_core.capture.finish import Recording


class RunRequest(NamedTuple):
    """What the user asked for. `cwd`: where to run it, if not here; `rerun_of`: the number of the step to repeat.

    `kind`: a run, or a build; of a step that is repeated, its own.
    """

    argv: tuple[str, ...]
    name: str | None = None
    tracer: str | None = None
    algorithms: tuple[str, ...] = ()
    cwd: str | None = None
    rerun_of: int | None = None
    kind: JobKind = "run"


class RunResult(NamedTuple):
    """How the command ended, and what was recorded of it, if it could be."""

    ending: Ending
    recording: Recording | None
    started_ns: int


def run_and_record(around: Surroundings, request: RunRequest) -> RunResult:
    """Runs the command and records it; returns how it ended, however that went.

    Raises:
        CannotStart: no tracer works here; nothing was started.
        CommandNotFound, CannotExecute: the command could not be executed.
    """
    gc.disable()  # the records of a run form no cycles, and each collection would walk over all of them
    algorithms(around, request.algorithms)  # a wrong name is said before anything is started
    if is_step(request.argv[0]):
        request = as_rerun(around, request)
    variables = read_variables(around.project)
    command = command_in_place(request.argv, request.cwd, variables)
    started_ns = time.time_ns()
    header = RunHeader(
        uid=os.urandom(4).hex(),
        kind=request.kind,
        argv=request.argv,
        cwd=command.cwd,
        started_ns=started_ns,
        tracer=UNDECIDED,
        name=request.name,
        algorithms=request.algorithms,
        rerun_of=request.rerun_of,
    )
    with SignalWatch() as watch:
        place = make_place(around.project, around.environment, header, around.warn)
        thread = FactsThread(around, header, place, command.environment, variables)
        listener = Listener(watch, around.warn, thread.begin)
        try:
            header, ending = _run_under_some_tracer(
                around, request, command, header._replace(uid=place.uid), place, listener
            )
        except RoarError:  # nothing was started
            place.discard()
            raise
        except BaseException:
            place.release()
            raise
        if ending.errno is not None:
            place.discard()
            raise _cannot_execute(request.argv[0], ending)
        stop_writing_to_files()
        thread.finish()
        watch.forget()
        recording = _record(around, header, ending, thread.facts, place, watch)
        watch.hold_back()
        return RunResult(ending, recording, started_ns)


def _record(
    around: Surroundings, header: RunHeader, ending: Ending, facts: Facts, place: RunPlace, watch: SignalWatch
) -> Recording | None:
    """The command has ended: from here on nothing may change how roar ends."""
    try:
        # imported ahead while the job runs, if it runs for long enough
        from roar_core.capture.finish import finish_run
        from roar_core.capture.record import EndedRun, how_it_ended
        from roar_core.capture.report import load_report

        report = load_report(place.report) if header.tracer != "none" else None
        run = EndedRun(header, report, ending, facts)
        recording = finish_run(around, run, place, watch.asked_to_stop)
        if recording is not None:
            status, exit_code, signal = how_it_ended(run)
            outcome = {
                "status": status,
                "exit_code": exit_code,
                "signal": signal,
                "step": recording.step_name,
            }
            around.plugins.notify("roar_job_finished", job=header.notice(around.project), outcome=outcome)
        return recording
    except Exception as error:  # noqa: BLE001  # a mistake of roar's is not the command's
        around.warn(f"cannot record the run: {type(error).__name__}: {error}", "roar doctor")
        place.release()
        return None


def _run_under_some_tracer(
    around: Surroundings,
    request: RunRequest,
    command: Command,
    header: RunHeader,
    place: RunPlace,
    listener: Listener,
) -> tuple[RunHeader, Ending]:
    """Tries the tracers in turn until one has started the command."""
    from roar_core.capture.choose import choose_tracer, forget

    options = trace_options(around, place)
    outer = connect_to_outer_tracer() if request.tracer != "none" and place.can_observe else None
    if outer is not None:
        try:
            return _run_inside(outer, command, header, place, options, listener)
        except TracerGone:
            place.report.unlink(missing_ok=True)
    failed: dict[str, str] = {}
    while True:
        choice: Choice | None = None
        if place.can_observe:
            choice = choose_tracer(
                around.plugins, around.settings, around.environment, request.tracer, failed
            )
        if choice is None:
            header = header.with_tracer("none")
            place.rewrite(header)
            return header, run_unobserved(command, listener)
        if choice.warning:
            around.warn(choice.warning)
        header = header.with_tracer(choice.spec.name)
        place.rewrite(header)
        try:
            return header, run_observed(choice.tracer, command, options, listener)
        except TracerFailed as failure:
            forget(choice, around.environment)
            failed[choice.spec.name] = failure.reason
            place.report.unlink(
                missing_ok=True
            )  # the next tracer makes it, and would refuse to write over it
            if request.tracer or not around.settings.flag("tracer.fallback"):
                raise CannotStart(
                    f"the {choice.spec.name} tracer cannot start: {failure.reason}",
                    failure.hint or "roar run --tracer none …",
                ) from failure


def _run_inside(
    outer: socket,
    command: Command,
    header: RunHeader,
    place: RunPlace,
    options: TraceOptions,
    listener: Listener,
) -> tuple[RunHeader, Ending]:
    """Has the tracer of the outer run record this one."""

    def accepted(run: OuterRun) -> None:
        nonlocal header
        header = header._replace(tracer=run.tracer, parent_uid=run.uid)
        place.rewrite(header)

    with outer:
        try:
            ending = run_nested(outer, header.uid, command, options, listener, accepted)
        except TracerGone:
            raise
        except TracerFailed as failure:
            raise CannotStart(
                f"the tracer of the outer run refused: {failure.reason}", failure.hint
            ) from failure
    return header, ending


def trace_options(around: Surroundings, place: RunPlace) -> TraceOptions:
    """Returns how this run is to be observed by the settings."""
    settings = around.settings
    keep = around.project.kept if settings.flag("tracer.keep_bytes") else None
    if keep is not None:
        keep.mkdir(mode=0o700, exist_ok=True)
    return TraceOptions(
        report=place.report,
        wait="command",
        lock=place.lock,
        preserve_limit=settings.whole("tracer.preserve_limit"),
        keep=keep,
        mode=str(settings.get("tracer.ptrace_mode", "auto")),
        static_programs=bool(settings.get("tracer.static", True)),
        uid=place.uid,
    )


def _cannot_execute(name: str, ending: Ending) -> CommandNotFound | CannotExecute:
    number = ending.errno or 0
    if ending.exit_code == 127:
        if "/" in name and os.path.exists(name):
            return CommandNotFound(
                f"cannot execute command: its interpreter is not there: `{name}`", f"head -n 1 {name}"
            )
        return CommandNotFound(f"command not found: `{name}`", "check the spelling and PATH")
    return CannotExecute(
        f"cannot execute command: {os.strerror(number).lower()}: `{name}`",
        "chmod +x, or name its interpreter",
    )
