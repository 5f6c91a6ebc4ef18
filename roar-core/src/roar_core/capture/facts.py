"""What is recorded of a run besides files, collected while the job runs and kept in the spool as soon as it is there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from roar_core.store.records import GitState


@dataclass(frozen=True, slots=True)
class Facts:
    """The surroundings of a run."""

    git: GitState | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    hardware: Mapping[str, Any] = field(default_factory=dict)


def collect_facts(root: Path, settings: Mapping[str, Any], variables: Mapping[str, str]) -> Facts:
    """Returns the surroundings of a job that runs now with `variables` in a project at `root`."""
    from roar_core.capture.environment import collect_environment
    from roar_core.capture.git import collect_git
    from roar_core.capture.hardware import collect_hardware

    return Facts(
        git=collect_git(root, str(settings["git.remote"])),
        environment=collect_environment(variables, tuple(settings["capture.env_vars"])),
        hardware=collect_hardware(),
    )


def save_facts(facts: Facts, path: Path) -> None:
    """Writes the facts beside a run's report. A run whose facts can't be written is recorded without them if roar is killed."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
            json.dump(asdict(facts), file)
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
