"""A tracer that is a program: asked by `--probe`, and put before the command (docs/plugins.md, "A tracer")."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from roar_core.plugin.binaries import find_binary
from roar_core.plugin.protocols import Availability, LaunchPlan, TraceOptions

PROBE_SECONDS = 10
REPORT_FORMAT = 1


class ProgramTracer:
    """Drives the program `name` that a distribution brings along. `package_file` is the `__file__` of its package."""

    def __init__(self, distribution: str, name: str, package_file: str, program: Path | None = None) -> None:
        self.distribution, self.name = distribution, name
        self.brought = program or find_binary(distribution, name, package_file)

    def program(self) -> Path | None:
        """Returns the program to start; None where it is missing."""
        return self.brought

    def options(self, options: TraceOptions) -> Sequence[str]:
        """Returns options that this program alone has."""
        return ()

    def probe(self) -> Availability:
        """Returns what the program says of itself here."""
        program = self.program()
        if program is None:
            return self._broken(f"its program is missing: `{self.name}`")
        import json
        import subprocess

        try:
            asked = subprocess.run(
                [program, "--probe"], stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS
            )
            answer = json.loads(asked.stdout)
            usable, version = bool(answer["usable"]), answer["version"]
        except OSError as error:
            return self._broken(f"its program does not start: {error.strerror}: `{program}`")
        except subprocess.TimeoutExpired:
            return Availability(False, reason=f"its program did not answer within {PROBE_SECONDS} s")
        except (ValueError, TypeError, KeyError):
            return self._broken(
                f"its program ended with {asked.returncode} instead of an answer: `{program}`"
            )
        if answer.get("report") != REPORT_FORMAT:
            reason = f"its reports are of another format: `{answer.get('report')}`"
            return Availability(False, version, reason, "pip install --upgrade roar-core")
        return Availability(usable, version, answer.get("reason"), answer.get("hint"))

    def command(self, argv: tuple[str, ...], options: TraceOptions) -> LaunchPlan:
        """Returns the program with its options and the command after them."""
        program = self.program() or Path("/nonexistent") / self.name
        words = [str(program), "--report", str(options.report), "--wait", options.wait]
        words += ["--preserve-limit", str(options.preserve_limit), *self.options(options)]
        for option, value in (
            ("--control", options.control),
            ("--lock", options.lock),
            ("--keep", options.keep),
            ("--uid", options.uid),
        ):
            if value is not None:
                words += [option, str(value)]
        if options.after != "all":
            words += ["--after", options.after]
        for prefix in options.ignore:
            words += ["--ignore", prefix]
        return LaunchPlan((*words, "--", *argv))

    def _broken(self, reason: str) -> Availability:
        return Availability(False, reason=reason, hint=f"pip install --force-reinstall {self.distribution}")
