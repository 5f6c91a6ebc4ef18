"""A folder as one artifact, by what lies in it now."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from roar_core.errors import UsageError

if TYPE_CHECKING:
    from roar_core.cli.context import Context
    from roar_core.store.store import Store
    from roar_core.store.write_composites import EdgeFile


def composite_of_folder(context: Context, store: Store, typed: str, *, make: bool) -> int | None:
    """Returns the composite that a folder is now; None where there is no such folder.

    `make`: where there is no such composite, it is made; else the answer is `lineage.folding.NONE`.

    Raises UsageError for a folder without files, or with one that can't be part of an artifact; `StoreError`.
    """
    from roar_core.lineage.folding import fold_folder
    from roar_core.store.failures import translated

    folder = os.path.realpath(os.path.join(context.cwd, typed))
    if not os.path.isdir(folder):
        return None
    recorded = context.project.relative(folder)
    if recorded == "." or folder == "/":
        raise UsageError("project itself can't be one artifact", "name a folder in it")
    if make:
        store.require_writable()
    files = _files(context, store, folder, make)
    if not files:
        raise UsageError(f"folder has no files: `{typed}`", f"ls {typed}")
    with translated(context.project.database):
        threshold = context.settings.whole("composite.threshold")
        return fold_folder(store.connection, recorded, files, threshold, store.busy_seconds, make=make)


def _files(context: Context, store: Store, folder: str, make: bool) -> list[EdgeFile]:
    from roar_core.capture.digester import run_digester
    from roar_core.hashing.folder import list_folder
    from roar_core.lineage.folding import NONE
    from roar_core.store.records import Identity
    from roar_core.store.write_composites import EdgeFile, KnownFile, ensure_files

    known: list[KnownFile] = []
    with run_digester(context.surroundings(), (), store, lambda: False) as digester:
        for path in list_folder(folder):
            full = os.path.join(folder, path)
            content = digester.digest(full, Identity.of(os.stat(full)))
            if content.reason is not None:
                raise UsageError(f"cannot digest file, {content.reason}: `{full}`", f"ls -l {full}")
            known.append(KnownFile(path, content.digests, content.size))
    if not make:
        return [EdgeFile(file.path, NONE, file.digests["blake3"], file.size) for file in known]
    return ensure_files(store.connection, known, store.busy_seconds)
