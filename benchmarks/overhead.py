#!/usr/bin/env python3
"""What observing costs: every workload bare and observed in pairs, by chance A B or B A, median of the pairwise ratios.

  overhead.py                                   all workloads, under each tracer's program and under `roar run` with it
  overhead.py --what trace,run --tracers ptrace --loads true,20k-small-files --pairs 7
  overhead.py --what limit                      the minimal tracers: what cannot be beaten by much
  overhead.py --what strace                     strace, for comparison
  overhead.py --check                           exit 1 where a ratio is above its goal: GOALS below, or, where this
                                                machine's own floor (the minimal tracers, measured in the same run) is
                                                higher, FLOOR_FACTOR times its overhead

Ratios hold on noisy machines, absolute seconds do not. Slow pairs are repeated less often, short and noisy ones more
often; n is in the note.
Scratch data: ~/.cache/roar-benchmarks (40 MB), made once; BENCH_SCRATCH names another folder.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from measuring import SCRATCH, Figure, Timing, conclude, find_roar, keep, run_once
from workloads import MINIMAL_EBPF, MINIMAL_PRELOAD, MINIMAL_TRACER, WORKLOADS, make_cold, prepare

TRACERS = ("ebpf", "preload", "ptrace")
SHORT_FACTOR, SHORT_SECONDS = 4, 0.5  # so many times as often, until so much time is used up
NOISY_FACTORS = {"200k-writes": 3}  # where a disk's write-back comes and goes: as often, and in as much time
FLOOR_FACTOR, FLOOR_SECONDS = (
    1.35,
    0.25,
)  # stops cost 4 to 20 times as much from one virtual machine to the next
FLOORS = {"ebpf": ("limit-ebpf",), "preload": ("limit-preload",), "ptrace": ("limit-ptrace", "limit-notify")}
# A fresh ring for each run: `$0` is the library, `$1` a folder for it.
START_PRELOAD = (
    'ring=$(mktemp -p "$1"); truncate -s 64M "$ring"; shift; LD_PRELOAD=$0 MINIMAL_RING=$ring "$@";'
    ' status=$?; rm -f "$ring"; exit $status'
)
LIMIT_MODES = {"limit-ptrace": "entry", "limit-notify": "notify"}
# The highest ratio that is good enough for a tracer's program; seconds above bare for `roar run`, digests and record
# included.
GOALS = {
    "python-pass": {"ebpf": 4.0, "preload": 1.3, "ptrace": 1.3, "run_seconds": 0.20},
    "20k-small-files": {"ebpf": 3.0, "preload": 1.5, "ptrace": 6.0, "run_seconds": 1.0},
    "20k-small-cold": {"run_seconds": 2.0},
    "100k-same-file": {"ebpf": 1.6, "preload": 1.5, "ptrace": 8.0, "run_seconds": 0.9},
    "200k-writes": {"ebpf": 1.1, "preload": 1.05, "ptrace": 1.05, "run_seconds": 0.6},
    "1M-read1": {"ebpf": 1.4, "preload": 1.15, "ptrace": 1.4, "run_seconds": 0.4},
    "500-fork-exec": {"ebpf": 1.2, "preload": 1.25, "ptrace": 1.35, "run_seconds": 0.35},
    "gcc-make-j2": {"ebpf": 1.25, "preload": 1.15, "ptrace": 1.4, "run_seconds": 0.6},
    "numpy-train": {"ebpf": 1.06, "preload": 1.03, "ptrace": 1.06, "run_seconds": 0.25},
    "true": {"run_seconds": 0.20},
}

Wrap = Callable[[list[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Pair:
    """One workload bare and, right after it, observed."""

    bare: float
    observed: float
    status: int

    @property
    def ratio(self) -> float:
        """Observed to bare wall time."""
        return self.observed / self.bare

    @property
    def added(self) -> float:
        """Seconds that observing added."""
        return self.observed - self.bare


def main() -> int:
    """The exit status: 1 with --check where a goal is not met."""
    options = _parse_arguments()
    what = options.what.split(",")
    if options.check and "limit" not in what:
        what.append("limit")
    roar = find_roar() if {"trace", "run"} & set(what) else None
    tracers = options.tracers.split(",")
    prepare(roar if "run" in what else None, ebpf="limit" in what and "ebpf" in tracers)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="roar-bench-") as temporary:
        variants = make_variants(what, tracers, roar or "", temporary)
        for load in options.loads.split(","):
            pairs = measure(load, variants, options.pairs, options.limit, options.budget)
            for name in variants:
                figure = _to_figure(load, name, pairs)
                figures.append(figure)
                print(figure.line(), flush=True)
    keep("overhead", figures, options.json)
    return conclude(figures, options.check)


def make_variants(what: Iterable[str], tracers: list[str], roar: str, temporary: str) -> dict[str, Wrap]:
    """The ways to observe a command, by name."""
    variants: dict[str, Wrap] = {}
    for kind in what:
        if kind == "trace":
            variants |= {f"trace-{tracer}": _tracer_program(roar, tracer, temporary) for tracer in tracers}
        elif kind == "run":
            variants |= {
                f"run-{tracer}": _prefix(roar, "run", "-q", "--tracer", tracer) for tracer in tracers
            }
        elif kind == "limit":
            variants |= {name: _prefix(MINIMAL_TRACER, mode) for name, mode in LIMIT_MODES.items()}
            if "ebpf" in tracers:
                variants["limit-ebpf"] = _prefix(*MINIMAL_EBPF)
            variants["limit-preload"] = _prefix("sh", "-c", START_PRELOAD, MINIMAL_PRELOAD, temporary)
        elif kind == "strace":
            options = ["strace", "-f", "-q", "-o", f"{temporary}/strace", "-e"]
            variants["strace"] = _prefix(*options, "trace=%file,%desc")
            variants["strace-seccomp"] = _prefix(*options, "trace=%file", "--seccomp-bpf")
        else:
            sys.exit(f"unknown --what: {kind}")
    return variants


def measure(
    load: str, variants: dict[str, Wrap], repeats: int, limit: float, budget: float
) -> dict[str, list[Pair]]:
    """Pairs of each variant on one workload; one that has used up its budget is not repeated, short ones more often.

    In an order by chance: what a disk does now and then, as it writes back, would meet the same variant every time.
    """
    noisy = NOISY_FACTORS.get(load, 1)
    repeats, budget = noisy * repeats, noisy * budget
    run_once(WORKLOADS[load], SCRATCH, limit)
    pairs: dict[str, list[Pair]] = {name: [] for name in variants}
    chance = random.Random(load)
    for turn in range(SHORT_FACTOR * repeats):
        for name in chance.sample(list(variants), len(variants)):
            used = sum(pair.observed for pair in pairs[name])
            if used > (budget if turn < repeats else SHORT_SECONDS):
                continue
            pairs[name].append(run_pair(load, variants[name], limit, chance.random() < 0.5))
    return pairs


def run_pair(load: str, wrap: Wrap, limit: float, is_observed_first: bool) -> Pair:
    """The workload once bare and once observed."""

    def observe() -> Timing:
        if load.endswith("-cold"):
            make_cold()
        return run_once(wrap(WORKLOADS[load]), SCRATCH, limit)

    observed = observe() if is_observed_first else None
    bare = run_once(WORKLOADS[load], SCRATCH, limit)
    observed = observed or observe()
    return Pair(bare.seconds, observed.seconds, observed.status)


def _prefix(*words: str) -> Wrap:
    return lambda command: [*words, *command]


def _tracer_program(roar: str, tracer: str, temporary: str) -> Wrap:
    """The tracer itself, without Python before it, as `roar trace --dry-run` says it is started."""
    words = [
        roar,
        "trace",
        "--tracer",
        tracer,
        "--report",
        f"{temporary}/report",
        "--dry-run",
        "--",
        "COMMAND",
    ]
    plan = json.loads(subprocess.check_output(words))
    environment = [f"{name}={value}" for name, value in plan.get("env", {}).items()]
    before = [*(["env", *environment] if environment else []), *plan["argv"][: plan["argv"].index("COMMAND")]]
    after = plan["argv"][plan["argv"].index("COMMAND") + 1 :]
    return lambda command: [*before, *command, *after]


def _to_figure(load: str, name: str, pairs: dict[str, list[Pair]]) -> Figure:
    """Ratio of a tracer or a minimal one, seconds added by `roar run`; a run that failed is above any goal."""
    taken = pairs[name]
    kind, _, tracer = name.partition("-")
    bare = statistics.median(pair.bare for pair in taken)
    ratio = statistics.median(pair.ratio for pair in taken)
    added = statistics.median(pair.added for pair in taken)
    note = f"bare {bare:.3f} s, x{ratio:.2f}, +{added:.3f} s, n={len(taken)}"
    failed = next((pair.status for pair in taken if pair.status), 0)
    value, unit = (added, "s added") if kind == "run" else (ratio, "ratio")
    goal = _goal(load, kind, tracer, pairs)
    if failed:
        value, note = float("inf"), f"{note}, exit status {failed}"
        goal = 0.0 if goal is None else goal
    return Figure(f"{load} {name}", value, unit, goal, note)


def _goal(load: str, kind: str, tracer: str, pairs: dict[str, list[Pair]]) -> float | None:
    """The goal of a variant, raised to what this machine's floor allows."""
    goal = (
        GOALS.get(load, {}).get("run_seconds" if kind == "run" else tracer)
        if kind in ("trace", "run")
        else None
    )
    floors = [pairs[name] for name in FLOORS.get(tracer, ()) if pairs.get(name)]
    if goal is None or not floors:
        return goal
    if kind == "run":
        least = min(statistics.median(pair.added for pair in floor) for floor in floors)
        return max(goal, round(FLOOR_SECONDS + least, 2))
    least = min(statistics.median(pair.ratio - 1 for pair in floor) for floor in floors)
    return max(goal, round(1 + FLOOR_FACTOR * least, 2))


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--what", default="trace,run", help="trace, run, limit, strace")
    parser.add_argument("--tracers", default=",".join(TRACERS))
    parser.add_argument("--loads", default=",".join(WORKLOADS))
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--limit", type=float, default=60, help="seconds after which one run is killed")
    parser.add_argument("--budget", type=float, default=7, help="seconds for one workload and variant")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures with commit and machine")
    parser.add_argument("--check", action="store_true", help="exit 1 where a goal is not met")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
