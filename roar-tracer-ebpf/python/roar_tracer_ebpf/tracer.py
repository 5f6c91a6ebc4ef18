"""The eBPF tracer as roar drives it: its program is asked, and put before the command."""

from __future__ import annotations

import os
from pathlib import Path

from roar_core.plugin.binaries import find_binary, privileged_copy
from roar_core.plugin.protocols import Availability, LaunchPlan, PrivilegedProgram, TraceOptions

import roar_tracer_ebpf

DISTRIBUTION = "roar-tracer-ebpf"
PROGRAM = "roar-tracer-ebpf"
PROBE_SECONDS = 10
CAPABILITIES = ("cap_bpf", "cap_perfmon")


class EbpfTracer:
    """Observes by BPF programs on tracepoints.

    `copies` is where root keeps copies of the program that have capabilities; an ordinary user's runs take the one of
    this version.
    """

    def __init__(self, program: Path | None = None, copies: Path | None = None) -> None:
        self._brought = program or find_binary(DISTRIBUTION, PROGRAM, roar_tracer_ebpf.__file__)
        self._copies = copies

    def probe(self) -> Availability:
        """Returns what the program says of itself here."""
        program = self._program()
        if program is None:
            return _broken(f"its program is missing: `{PROGRAM}`")
        import json
        import subprocess

        try:
            asked = subprocess.run(
                [program, "--probe"], stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS
            )
            answer = json.loads(asked.stdout)
            usable, version = bool(answer["usable"]), answer["version"]
        except OSError as error:
            return _broken(f"its program does not start: {error.strerror}: `{program}`")
        except subprocess.TimeoutExpired:
            return Availability(False, reason=f"its program did not answer within {PROBE_SECONDS} s")
        except (ValueError, TypeError, KeyError):
            return _broken(f"its program ended with {asked.returncode} instead of an answer: `{program}`")
        if answer.get("report") != 1:
            return Availability(
                False,
                version,
                f"its reports are of another format: `{answer.get('report')}`",
                "pip install --upgrade roar-core",
            )
        if version != roar_tracer_ebpf.VERSION:
            return Availability(
                False, version, f"its program is of another version: `{version}`", "roar tracer enable ebpf"
            )
        return Availability(usable, version, answer.get("reason"), answer.get("hint"))

    def command(self, argv: tuple[str, ...], options: TraceOptions) -> LaunchPlan:
        """Returns the program with its options and the command after them."""
        program = self._program() or Path("/nonexistent") / PROGRAM
        words = [str(program), "--report", str(options.report), "--wait", options.wait]
        words += ["--preserve-limit", str(options.preserve_limit)]
        for option, value in (
            ("--control", options.control),
            ("--lock", options.lock),
            ("--keep", options.keep),
            ("--uid", options.uid),
        ):
            if value is not None:
                words += [option, str(value)]
        for prefix in options.ignore:
            words += ["--ignore", prefix]
        return LaunchPlan((*words, "--", *argv))

    def privileged_program(self) -> PrivilegedProgram | None:
        """Returns what `roar tracer enable ebpf` is to install."""
        if self._brought is None:
            return None
        return PrivilegedProgram(DISTRIBUTION, self._brought, roar_tracer_ebpf.VERSION, CAPABILITIES)

    def _program(self) -> Path | None:
        """The copy with capabilities where the user needs and may run it, or the program that the wheel brought."""
        if self._brought is None or os.geteuid() == 0:
            return self._brought
        copy = privileged_copy(PROGRAM, roar_tracer_ebpf.VERSION)
        copy = self._copies / copy.name if self._copies else copy
        return copy if os.access(copy, os.X_OK) else self._brought


def _broken(reason: str) -> Availability:
    return Availability(False, reason=reason, hint=f"pip install --force-reinstall {DISTRIBUTION}")
