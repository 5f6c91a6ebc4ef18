"""What is installed: plugins, tracers."""

from __future__ import annotations

from collections.abc import Iterator

from roar_core.capture.choose import ask_all
from roar_core.config import Environment
from roar_core.health.finding import Finding, ok, problem, warning
from roar_core.plugin.manager import PluginManager


def check_plugins(plugins: PluginManager) -> Iterator[Finding]:
    """Yields one finding for each broken plugin and each pair of one name, or that all is well."""
    for error in plugins.conflicts:
        yield problem("plugins", error.message, error.hint)
    for found in plugins.problems:
        hint = f"pip install --force-reinstall {found.distribution}"
        if found.distribution == "roar-core":
            hint = "pip install --force-reinstall roar-core"
        yield problem("plugins", str(found), f"{hint}, or ROAR_DISABLE_PLUGINS={found.plugin}")
    if not plugins.conflicts and not plugins.problems:
        names = ", ".join(plugins.plugins)
        disabled = "".join(f"; {info.name} is disabled" for info in plugins.disabled)
        yield ok("plugins", names + disabled)


def check_tracers(plugins: PluginManager, environment: Environment) -> Iterator[Finding]:
    """Yields whether each tracer works here; a problem only where none does."""
    answers = ask_all(plugins, environment)
    if not answers:
        yield problem("tracers", "no tracer is installed", "pip install roar-tracer-ptrace")
    none = not any(answer.usable for _, answer in answers)
    for spec, answer in answers:
        if answer.usable:
            yield ok("tracers", f"{spec.name} {answer.version} works")
        else:
            report = problem if none else warning
            yield report("tracers", f"{spec.name} does not work here: {answer.reason}", answer.hint)
