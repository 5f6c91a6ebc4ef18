"""What recording a run takes, imported while the job runs: nobody waits for it then."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

_MODULES = (
    *("blake3", "hashlib", "roar_core.store.store", "roar_core.store.write_run", "roar_core.store.lineage"),
    *("roar_core.store.writer_host", "roar_core.capture.finish", "roar_core.capture.bytecode"),
    *("roar_core.capture.code", "roar_core.capture.interpreters", "roar_core.capture.packages"),
    *("roar_core.capture.system_packages", "roar_core.lineage.folding", "roar_core.lineage.interpreters"),
    *("roar_core.lineage.program", "roar_core.lineage.steps"),
)


def import_ahead(must_stop: Callable[[], bool]) -> None:
    """Imports it, with the standard filters; the rest is imported where it is needed."""
    from roar_core.filters.standard import STANDARD_FILTERS

    for name in (*_MODULES, *(spec.factory.partition(":")[0] for spec in STANDARD_FILTERS)):
        if must_stop():
            return
        import_module(name)
