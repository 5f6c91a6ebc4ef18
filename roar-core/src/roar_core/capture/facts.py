"""What is recorded of a run besides files, collected while the job runs and kept in the spool at once."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from roar_core.capture.ahead import import_ahead
from roar_core.capture.signals import FORWARDED
from roar_core.store.records import GitState

if TYPE_CHECKING:
    from roar_core.capture.header import RunHeader
    from roar_core.capture.place import RunPlace
    from roar_core.capture.surroundings import Surroundings


class Facts(NamedTuple):
    """The surroundings of a run."""

    git: GitState | None = None
    environment: Mapping[str, Any] = {}
    hardware: Mapping[str, Any] = {}


class FactsThread(threading.Thread):
    """Tells the plugins that a job has started, collects its surroundings, and imports ahead, while it runs."""

    def __init__(
        self,
        around: Surroundings,
        header: RunHeader,
        place: RunPlace,
        environment: Mapping[bytes, bytes],
        chosen: Collection[str] = (),
    ) -> None:
        """`chosen`: names of variables that the user has put into the environment, which are recorded too."""
        super().__init__(name="facts", daemon=True)
        self._around = around
        self._notice = header.notice(around.project)
        self._path = place.facts
        self._variables = {os.fsdecode(name): os.fsdecode(value) for name, value in environment.items()}
        self._chosen = chosen
        self._is_over = False
        self.facts = Facts()

    def begin(self) -> None:
        """Starts, unless it has begun: of two tracers that are tried, both say that the job is about to start."""
        if self.ident is None:
            self.start()

    def finish(self) -> None:
        """Waits for the facts: the job is over."""
        self._is_over = True
        self.join()

    def run(self) -> None:
        """Collects, and keeps the facts for the case that roar is killed."""
        # git inherits this. A Ctrl-Z that stopped it between vfork and exec would hold the whole of roar, GIL and all.
        signal.pthread_sigmask(signal.SIG_BLOCK, (*FORWARDED, signal.SIGTTIN, signal.SIGTTOU))
        try:
            self._around.plugins.notify("roar_job_started", job=self._notice)
            self.facts = collect_facts(self._around, self._notice, self._variables, self._chosen)
            save_facts(self.facts, self._path)
            import_ahead(lambda: self._is_over)
        except Exception as error:  # noqa: BLE001  # whatever it is, the job runs and is recorded
            self._around.warn(f"cannot find out all about this run: {type(error).__name__}: {error}")


def collect_facts(
    around: Surroundings,
    notice: Mapping[str, object],
    variables: Mapping[str, str],
    chosen: Collection[str] = (),
) -> Facts:
    """Returns the surroundings of a job that runs now with `variables`, of which those `chosen` are recorded too."""
    from roar_core.capture.environment import collect_environment
    from roar_core.capture.git import collect_git
    from roar_core.capture.hardware import collect_hardware

    settings = around.settings
    environment = collect_environment(variables, (*settings.items_of("capture.env_vars"), *chosen))
    described = around.plugins.describe("roar_describe_environment", job=notice)
    return Facts(
        git=collect_git(around.project.root, settings.text("git.remote")),
        environment={**environment, **({"plugins": described} if described else {})},
        hardware=collect_hardware(),
    )


def save_facts(facts: Facts, path: Path) -> None:
    """Writes the facts beside a run's report. Where that fails, a run whose roar is killed is recorded without them."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
            git = facts.git._asdict() if facts.git else None
            json.dump({**facts._asdict(), "git": git}, file)
    except OSError:
        return


def load_facts(path: Path) -> Facts:
    """Returns the facts that a killed roar left, or none where there are none or half of them."""
    try:
        fields = json.loads(path.read_bytes())
        git = fields.pop("git")
        return Facts(git=GitState(**{**git, "untracked": tuple(git["untracked"])}) if git else None, **fields)
    except (OSError, ValueError, TypeError, KeyError):
        return Facts()
