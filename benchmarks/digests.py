#!/usr/bin/env python3
"""How fast roar digests: one large file beside `b3sum`, 10,000 small files beside `xargs cat`, the page cache warm.

`b3sum` is the one on PATH, or is built once with `cargo install` below build/.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from measuring import REPOSITORY, SCRATCH, Figure, report
from roar_core.hashing.blake3 import Blake3Hasher
from roar_core.hashing.digest import digest_file
from workloads import write_small_files

HASHERS = {"blake3": Blake3Hasher()}
ALGORITHMS = ("blake3",)
LARGE_GIB, SMALL_FILES, SMALL_BYTES = 4, 10_000, 4096
SPEED_GOAL, SMALL_GOAL = 0.9, 1.5


def main() -> int:
    """The exit status: 1 with --check where a goal is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gib", type=int, default=LARGE_GIB, help="size of the large file")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    figures = [*measure_large(options.gib, options.repeats), *measure_small(options.repeats)]
    return report("digests", figures, options.json, options.check)


def measure_large(gib: int, repeats: int) -> list[Figure]:
    """Seconds of both, and their ratio; the digests must agree."""
    path = SCRATCH / "large"
    if not path.exists() or path.stat().st_size != gib << 30:
        block = os.urandom(1 << 24)
        with path.open("wb") as file:
            for number in range(gib << 6):
                file.write(number.to_bytes(8, "little") + block[8:])
            os.fsync(file.fileno())  # the disk is not to be at work beside what is measured
    program = [find_b3sum(), "--no-names", str(path)]
    answer = subprocess.check_output(program, text=True).strip()
    ours = digest_file(str(path), ALGORITHMS, HASHERS).digests["blake3"].hex()
    if ours != answer:
        sys.exit(f"digests differ: {ours} {answer}")
    pairs = alternate(
        lambda: digest_file(str(path), ALGORITHMS, HASHERS),
        lambda: subprocess.run(program, stdout=subprocess.DEVNULL, check=True),
        repeats,
    )
    path.unlink()
    return compare(f"{gib} GiB file", "b3sum", pairs, round(1 / SPEED_GOAL, 3))


def measure_small(repeats: int) -> list[Figure]:
    """Seconds of both, and their ratio."""
    folder = SCRATCH / "small-digests"
    if not folder.exists():
        write_small_files(folder, SMALL_FILES, SMALL_BYTES)
    paths = sorted(str(path) for path in folder.glob("*/*"))
    names = "\n".join(paths).encode()

    def digest_all() -> None:
        for path in paths:
            digest_file(path, ALGORITHMS, HASHERS)

    def cat_all() -> None:
        subprocess.run(["xargs", "cat"], input=names, stdout=subprocess.DEVNULL, check=True)

    return compare(
        f"{SMALL_FILES} small files", "xargs cat", alternate(digest_all, cat_all, repeats), SMALL_GOAL
    )


def alternate(
    ours: Callable[[], object], theirs: Callable[[], object], repeats: int
) -> list[tuple[float, float]]:
    """Pairs of seconds, taken in turn after one of each that does not count."""
    ours()
    theirs()
    return [(seconds_of(ours), seconds_of(theirs)) for _ in range(repeats)]


def seconds_of(action: Callable[[], object]) -> float:
    """The wall time of an action."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def compare(what: str, program: str, pairs: list[tuple[float, float]], goal: float) -> list[Figure]:
    """The median of each and of the ratios."""
    return [
        Figure(f"{what}: roar", statistics.median(ours for ours, _ in pairs), "s"),
        Figure(f"{what}: {program}", statistics.median(theirs for _, theirs in pairs), "s"),
        Figure(
            f"{what}: roar to {program}",
            statistics.median(ours / theirs for ours, theirs in pairs),
            "ratio",
            goal,
        ),
    ]


def find_b3sum() -> str:
    """The path of `b3sum`."""
    built = REPOSITORY / "build" / "b3sum"
    found = shutil.which("b3sum") or shutil.which("b3sum", path=str(built / "bin"))
    if not found:
        subprocess.run(["cargo", "install", "--quiet", "--root", str(built), "b3sum"], check=True)
        found = str(built / "bin" / "b3sum")
    return found


if __name__ == "__main__":
    sys.exit(main())
