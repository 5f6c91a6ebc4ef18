"""The files of a run below its line in the DAG: composites as one, folders of many files too."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from roar_core.lineage.composites import shard_pattern
from roar_core.lineage.nodes import DagNode
from roar_core.store.composites import FoldedFiles, list_folded
from roar_core.store.counts import count_files
from roar_core.store.edges import iterate_inputs, iterate_outputs


def file_lines(
    connection: sqlite3.Connection, show: Callable[[str], str], limit: int, node: DagNode
) -> Iterator[tuple[str, str]]:
    """Yields (arrow and file, remark) of the inputs and outputs of a run, of which `limit` each are looked at."""
    job = node.job.job_id
    counts, folded = count_files(connection, [job])[job], list_folded(connection, job)
    inputs = [row for row in iterate_inputs(connection, job, limit) if row.role == "data"]
    outputs = [row for row in iterate_outputs(connection, job, limit) if row.fate == "present"]
    read = [(row.path, "" if row.origin == "job" else row.origin or "unknown") for row in inputs]
    left = [(row.path, "") for row in outputs]
    for arrow, direction, files, count in (
        ("←", "input", read, counts.inputs),
        ("→", "output", left, counts.outputs),
    ):
        composites = [each for each in folded if each.direction == direction]
        apart = [file for file in files if not any(_holds(each, file[0]) for each in composites)]
        yield from (
            (f"{arrow} {show(each.path)}", f"{each.format}, {each.files} files") for each in composites
        )
        yield from ((f"{arrow} {show(path)}", remark) for path, remark in fold_files(apart))
        more = count - sum(each.files for each in composites) - len(apart)
        if more > 0 and len(files) == limit:
            yield f"{arrow} … {more} more files", f"(roar show {node.label})"


def _holds(composite: FoldedFiles, path: str) -> bool:
    """Returns whether a file is one of a composite, which is a folder or `folder/part-*`."""
    if path.startswith(f"{composite.path}/"):
        return True
    folder, _, name = path.rpartition("/")
    pattern = shard_pattern(name)[0]
    return pattern is not None and composite.path == (f"{folder}/{pattern}" if folder else pattern)


def fold_files(files: Sequence[tuple[str, str]], threshold: int = 4) -> list[tuple[str, str]]:
    """Returns the files, but those of a folder as one if there are more than `threshold` with the same remark."""
    groups: Counter[tuple[str, str]] = Counter((path.rpartition("/")[0], remark) for path, remark in files)
    folded: dict[tuple[str, str], None] = {}
    for path, remark in files:
        folder = path.rpartition("/")[0]
        count = groups[folder, remark]
        name = path if count <= threshold else f"{folder or '.'}/ ({count} files)"
        folded[name, remark] = None
    return list(folded)
