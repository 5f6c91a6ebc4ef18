"""The preload tracer as roar drives it: its program is asked, and put before the command."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from roar_core.plugin.binaries import find_binary
from roar_core.plugin.protocols import Availability, LaunchPlan, TraceOptions

import roar_tracer_preload

DISTRIBUTION = "roar-tracer-preload"
PROGRAM = "roar-tracer-preload"
PROBE_SECONDS = 10
BLIND = {
    "set_id": "no library is loaded into it, so it runs unobserved",
    "protected": "macOS loads no library into it, so it runs unobserved: run one that is not the system's,"
    " from Homebrew or a virtual environment, or a copy of it elsewhere",
}


class PreloadTracer:
    """Observes from inside the programs."""

    def __init__(self, program: Path | None = None) -> None:
        self._program = program or find_binary(DISTRIBUTION, PROGRAM, roar_tracer_preload.__file__)

    def probe(self) -> Availability:
        """Returns what the program says of itself here."""
        if self._program is None:
            return _broken(f"its program is missing: `{PROGRAM}`")
        import json
        import subprocess

        try:
            asked = subprocess.run(
                [self._program, "--probe"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PROBE_SECONDS,
            )
            answer = json.loads(asked.stdout)
            usable, version = bool(answer["usable"]), answer["version"]
        except OSError as error:
            return _broken(f"its program does not start: {error.strerror}: `{self._program}`")
        except subprocess.TimeoutExpired:
            return Availability(False, reason=f"its program did not answer within {PROBE_SECONDS} s")
        except (ValueError, TypeError, KeyError):
            return _broken(
                f"its program ended with {asked.returncode} instead of an answer: `{self._program}`"
            )
        if answer.get("report") != 1:
            return Availability(
                False,
                version,
                f"its reports are of another format: `{answer.get('report')}`",
                "pip install --upgrade roar-core",
            )
        return Availability(usable, version, answer.get("reason"), answer.get("hint"))

    def command(self, argv: tuple[str, ...], options: TraceOptions) -> LaunchPlan:
        """Returns the program with its options and the command after them."""
        program = self._program or Path("/nonexistent") / PROGRAM
        words = [str(program), "--report", str(options.report), "--wait", options.wait]
        words += ["--preserve-limit", str(options.preserve_limit)]
        words += ["--static", "yes" if options.static_programs else "no"]
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

    def blind_spots(self, traits: Collection[str]) -> Mapping[str, str]:
        """Returns what keeps it from seeing a program: loaders load nothing into some (ld.so(8), SIP)."""
        return {trait: reason for trait, reason in BLIND.items() if trait in traits}


def _broken(reason: str) -> Availability:
    return Availability(False, reason=reason, hint=f"pip install --force-reinstall {DISTRIBUTION}")
