"""Graphics processors: model, driver, memory, CUDA, from the kernel's files where they have it."""

from __future__ import annotations

import os
import re
import subprocess
from glob import glob

_SECONDS = 2.0
_AMD = "0x1002"


def find_graphics(root: str = "") -> list[dict[str, object]]:
    """Returns one mapping for each: `model`, `driver`, `memory_bytes`, `cuda`, as far as they are known.

    A process (`nvidia-smi`, at most two seconds) is started only where there is a device that the kernel's files
    don't describe, as in some containers.
    """
    return _nvidia(root) + _amd(root)


def _nvidia(root: str) -> list[dict[str, object]]:
    driver = re.search(r"Module(?: for \S+)?\s+(\d+\.[\d.]+)", _read(f"{root}/proc/driver/nvidia/version"))
    cuda = re.search(
        r'"cuda"\s*:\s*\{[^}]*"version"\s*:\s*"([\d.]+)"', _read(f"{root}/usr/local/cuda/version.json")
    )
    common: dict[str, object] = {"driver": driver[1]} if driver else {}
    if cuda:
        common["cuda"] = cuda[1]
    found = []
    for path in sorted(glob(f"{root}/proc/driver/nvidia/gpus/*/information")):
        model = re.search(r"^Model:\s*(.+)$", _read(path), re.MULTILINE)
        found.append({"model": model[1].strip() if model else "NVIDIA", **common})
    if not found and (os.path.exists(f"{root}/dev/nvidia0") or os.path.exists(f"{root}/dev/dxg")):
        found = [{**each, **({"cuda": cuda[1]} if cuda else {})} for each in _ask_nvidia_smi()]
    return found


def _ask_nvidia_smi() -> list[dict[str, object]]:
    try:
        text = subprocess.run(
            ("nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            start_new_session=True,  # Ctrl-C is meant for the job
            check=False,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return []
    found = []
    for line in text.splitlines():
        fields = [field.strip() for field in line.split(",")]
        if len(fields) == 3:
            memory = {"memory_bytes": int(fields[2]) << 20} if fields[2].isdecimal() else {}
            found.append({"model": fields[0], "driver": fields[1], **memory})
    return found


def _amd(root: str) -> list[dict[str, object]]:
    found = []
    for device in sorted(glob(f"{root}/sys/class/drm/card[0-9]*/device")):
        if _read(f"{device}/vendor").strip() != _AMD:
            continue
        each: dict[str, object] = {"model": _read(f"{device}/product_name").strip() or "AMD"}
        driver = _read(f"{root}/sys/module/amdgpu/version").strip()
        if driver:
            each["driver"] = driver
        memory = _read(f"{device}/mem_info_vram_total").strip()
        if memory.isdecimal():
            each["memory_bytes"] = int(memory)
        found.append(each)
    return found


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1 << 18)
    except OSError:
        return ""
