"""Whether a tracer works here, remembered: asking costs a process, and for some tracers far more."""

from __future__ import annotations

import os
import time
from pathlib import Path

from roar_core.config import Environment
from roar_core.plugin.protocols import Availability, TraceOptions, Tracer
from roar_core.store.records import Identity

ASK_AGAIN_SECONDS = 3600
_KEPT = 64
# Groups: a copy with capabilities is for the members of one.
_STATE = ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp", "Seccomp_filters", "Groups")
_NO_REPORT = TraceOptions(Path(os.devnull))


class Readiness:
    """What is remembered in the user's cache folder; without one, nothing is.

    A home folder is shared with containers and other hosts, so an answer holds only for the same program file, boot,
    user, groups, capabilities, seccomp mode, namespaces and ptrace_scope. "Not ready" holds for an hour.
    """

    def __init__(self, environment: Environment) -> None:
        folder = environment.cache_directory
        self._file = folder / "tracers.json" if folder is not None else None
        self.recalled = False  # whether an answer came from memory

    def ask(self, name: str, tracer: Tracer, *, anew: bool = False) -> Availability:
        """Returns whether a tracer works here, from memory unless `anew`."""
        key = _key(name, tracer)
        known = None if anew else self._recall(key)
        if known is not None:
            self.recalled = True
            return known
        answer = tracer.probe()
        self._keep(key, answer)
        return answer

    def forget(self, name: str, tracer: Tracer) -> None:
        """Forgets what is known of a tracer, which said that it works and did not."""
        self._keep(_key(name, tracer), None)

    def _recall(self, key: str | None) -> Availability | None:
        entry = self._read().get(key) if key else None
        if not isinstance(entry, dict):
            return None
        try:
            age_seconds = time.time() - entry.pop("asked", 0)
            answer = Availability(**entry)
        except TypeError:  # it is damaged
            return None
        return answer if answer.usable or 0 <= age_seconds < ASK_AGAIN_SECONDS else None

    def _keep(self, key: str | None, answer: Availability | None) -> None:
        """Keeps the newest answers. What cannot be kept is asked again."""
        if self._file is None or key is None:
            return
        import json
        import tempfile
        from contextlib import suppress

        entries = self._read()
        entries.pop(key, None)
        if answer is not None:
            entries[key] = {**answer._asdict(), "asked": int(time.time())}
        text = json.dumps(dict(list(entries.items())[-_KEPT:]), indent=1)
        with suppress(OSError):
            os.makedirs(self._file.parent, mode=0o700, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=self._file.parent, prefix=".tracers-", delete=False
            ) as file:
                try:
                    file.write(text)
                    file.flush()
                    os.replace(file.name, self._file)
                except OSError:
                    os.unlink(file.name)

    def _read(self) -> dict[str, object]:
        import json

        try:
            entries = json.loads(self._file.read_bytes()) if self._file is not None else {}
        except (OSError, ValueError):
            return {}
        return entries if isinstance(entries, dict) else {}


def _key(name: str, tracer: Tracer) -> str | None:
    """All that the answer depends on; None where that can't be learned: without the program, or without /proc."""
    try:
        program = os.stat(tracer.command(("true",), _NO_REPORT).argv[0])
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            state = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
        namespaces = [os.stat(f"/proc/self/ns/{kind}").st_ino for kind in ("user", "pid")]
    except (OSError, IndexError):
        return None
    facts = (
        name,
        *Identity.of(program),
        _first_line("/proc/sys/kernel/random/boot_id"),
        os.geteuid(),
        *(state.get(field, "").strip() for field in _STATE),
        *namespaces,
        _first_line("/proc/sys/kernel/yama/ptrace_scope"),
    )
    return " ".join(map(str, facts))


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return "-"
