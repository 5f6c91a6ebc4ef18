"""The machine that a job ran on: processor, memory, graphics processors."""

from __future__ import annotations

import os
import re

from roar_core.capture.graphics import find_graphics

_UNLIMITED = 1 << 60


def collect_hardware(root: str = "") -> dict[str, object]:
    """Returns `cpu`, `cores`, `cores_usable`, `memory_bytes`, `memory_limit_bytes`, `gpus`, as far as they are known.

    Reads a few files of /proc and /sys below `root`, and takes some milliseconds.
    """
    found: dict[str, object] = {}
    model = _cpu_model(_read(f"{root}/proc/cpuinfo"))
    if model:
        found["cpu"] = model
    found["cores"] = os.cpu_count()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    quota = _processor_quota(_read(f"{root}/sys/fs/cgroup/cpu.max"))
    limits = [limit for limit in (usable, quota) if limit is not None]
    if limits:
        found["cores_usable"] = min(limits)
    memory = re.search(r"^MemTotal:\s+(\d+) kB", _read(f"{root}/proc/meminfo"), re.MULTILINE)
    if memory:
        found["memory_bytes"] = int(memory[1]) * 1024
    limit = _read(f"{root}/sys/fs/cgroup/memory.max").strip()
    if limit.isdecimal() and int(limit) < _UNLIMITED:
        found["memory_limit_bytes"] = int(limit)
    gpus = find_graphics(root)
    if gpus:
        found["gpus"] = gpus
    return found


def _cpu_model(text: str) -> str | None:
    for key in ("model name", "Model", "Hardware", "cpu model", "uarch"):
        match = re.search(rf"^{key}\s*:\s*(.+)$", text, re.MULTILINE)
        if match:
            return match[1].strip()
    part = re.search(r"^CPU part\s*:\s*(\S+)", text, re.MULTILINE)  # aarch64 has no name there
    maker = re.search(r"^CPU implementer\s*:\s*(\S+)", text, re.MULTILINE)
    return f"implementer {maker[1]} part {part[1]}" if part and maker else None


def _processor_quota(text: str) -> float | None:
    """Returns how many processors' time a cgroup v2 may use: `200000 100000` is two."""
    words = text.split()
    if len(words) == 2 and words[0].isdecimal() and words[1].isdecimal() and int(words[1]):
        return round(int(words[0]) / int(words[1]), 2)
    return None


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1 << 20)
    except OSError:
        return ""
