"""The machine, by the kernel's files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from roar_core.capture.hardware import collect_hardware


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_this_machine_has_a_processor_and_memory() -> None:
    found = collect_hardware()
    assert found["cores"] == os.cpu_count()
    assert isinstance(found["memory_bytes"], int)
    assert found["memory_bytes"] > 1 << 20


def test_models_memory_and_limits_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        proc__cpuinfo="processor : 0\nmodel name\t: Fast CPU @ 3 GHz\n",
        proc__meminfo="MemTotal:       1024 kB\nMemFree: 1 kB\n",
    )
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/cpu.max").write_text("50000 100000\n")
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("2048\n")
    found = collect_hardware(str(tmp_path))
    assert (found["cpu"], found["memory_bytes"]) == ("Fast CPU @ 3 GHz", 1 << 20)
    assert (found["cores_usable"], found["memory_limit_bytes"]) == (0.5, 2048)


def test_an_arm_processor_has_its_part_number(tmp_path: Path) -> None:
    write(tmp_path, proc__cpuinfo="CPU implementer\t: 0x41\nCPU part\t: 0xd40\n")
    assert collect_hardware(str(tmp_path))["cpu"] == "implementer 0x41 part 0xd40"


def test_nvidia_processors_are_read_from_the_driver(tmp_path: Path) -> None:
    driver = tmp_path / "proc/driver/nvidia"
    (driver / "gpus/0000:01:00.0").mkdir(parents=True)
    (driver / "version").write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19\n"
    )
    (driver / "gpus/0000:01:00.0/information").write_text("Model: \t\t NVIDIA A100\nIRQ: 5\n")
    (tmp_path / "usr/local/cuda").mkdir(parents=True)
    (tmp_path / "usr/local/cuda/version.json").write_text(
        '{"cuda" : {"name" : "CUDA SDK", "version" : "12.2.1"}}'
    )
    expected = [{"model": "NVIDIA A100", "driver": "535.104.05", "cuda": "12.2.1"}]
    assert collect_hardware(str(tmp_path))["gpus"] == expected


def test_nvidia_smi_is_asked_where_the_driver_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/nvidia0").touch()
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H100, 550.1, 81559'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    expected = [{"model": "NVIDIA H100", "driver": "550.1", "memory_bytes": 81559 << 20}]
    assert collect_hardware(str(tmp_path))["gpus"] == expected
    program.write_text("#!/bin/sh\nexit 9\n")
    assert "gpus" not in collect_hardware(str(tmp_path))


def test_amd_processors_are_read_from_sysfs(tmp_path: Path) -> None:
    device = tmp_path / "sys/class/drm/card0/device"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x1002\n")
    (device / "product_name").write_text("MI300X\n")
    (device / "mem_info_vram_total").write_text("1024\n")
    assert collect_hardware(str(tmp_path))["gpus"] == [{"model": "MI300X", "memory_bytes": 1024}]


def test_a_machine_that_says_nothing_is_no_error(tmp_path: Path) -> None:
    assert "gpus" not in collect_hardware(str(tmp_path))
