"""The workloads that are run bare and observed, and the folder they run in."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from measuring import PROGRAMS, PYTHON, SCRATCH

LOAD = str(SCRATCH / "load")
MINIMAL_TRACER = str(SCRATCH / "minimal_tracer")
MINIMAL_PRELOAD = str(SCRATCH / "minimal_preload.so")
MINIMAL_EBPF = (str(SCRATCH / "minimal_ebpf"), str(SCRATCH / "minimal_ebpf.bpf.o"))

WORKLOADS: dict[str, list[str]] = {
    "true": ["/bin/true"],
    "python-pass": [PYTHON, "-c", "pass"],
    "20k-small-files": [LOAD, "small"],
    "20k-small-cold": [LOAD, "small"],  # every digest cache invalidated before each observed run
    "100k-same-file": [LOAD, "same"],
    "200k-writes": [LOAD, "write"],
    "1M-read1": [LOAD, "read1"],
    "500-fork-exec": ["sh", "-c", "i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i+1)); done"],
    "gcc-make-j2": ["sh", "-c", "rm -f cc/*.o; exec make -s -C cc -j2"],
    "numpy-train": [PYTHON, str(PROGRAMS / "train.py")],
}

SOURCE = """#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int f{number}(int x) {{ return printf("%d", x); }}
"""
MAKEFILE = "all: $(patsubst %.c,%.o,$(wildcard *.c))\n%.o: %.c\n\tgcc -O1 -c $< -o $@\n"
GIT = (
    "git init -q . && printf '*\\n' > .gitignore && git add -f .gitignore"
    " && git -c user.name=a -c user.email=a@b commit -qm init"
)


def prepare(roar: str | None, *, ebpf: bool = False) -> None:
    """Lays out the scratch folder (40 MB, once), compiles the programs, and makes a project there for `roar`.

    `ebpf`: BPF programs too, which need clang and libbpf (`apt-get install clang libbpf-dev`).
    """
    if not (SCRATCH / "ready").exists():
        shutil.rmtree(SCRATCH, ignore_errors=True)
        SCRATCH.mkdir(parents=True)
        write_small_files(SCRATCH / "small", 20_000)
        (SCRATCH / "one").write_text("x")
        (SCRATCH / "mega").write_bytes(bytes(1_000_000))
        _write_table(SCRATCH / "train.csv")
        _write_sources(SCRATCH / "cc")
        subprocess.run(GIT, shell=True, cwd=SCRATCH, check=True)
        (SCRATCH / "ready").touch()
    compile_program("load", Path(LOAD))
    compile_program("minimal_tracer", Path(MINIMAL_TRACER))
    compile_program("minimal_preload", Path(MINIMAL_PRELOAD), "-shared", "-fPIC")
    if ebpf:
        program, programs_of_kernel = MINIMAL_EBPF
        compile_program("minimal_ebpf", Path(program), "-lbpf")
        _compile_for_kernel("minimal_ebpf.bpf.c", programs_of_kernel)
    if roar and not (SCRATCH / ".roar").exists():
        subprocess.run([roar, "init", "-n"], cwd=SCRATCH, check=True, stdout=subprocess.DEVNULL)


def compile_program(name: str, target: Path, *options: str) -> None:
    """Compiles programs/NAME.c."""
    subprocess.run(["gcc", "-O2", "-w", "-o", str(target), str(PROGRAMS / f"{name}.c"), *options], check=True)


def _compile_for_kernel(name: str, target: str) -> None:
    """Compiles programs/NAME to BPF instructions."""
    machine = subprocess.check_output(
        ["gcc", "-print-multiarch"], text=True
    ).strip()  # where <asm/types.h> is
    options = ["-O2", "-g", "-target", "bpf", "-D__TARGET_ARCH_x86", f"-I/usr/include/{machine}"]
    subprocess.run(["clang", *options, "-c", "-o", target, str(PROGRAMS / name)], check=True)


def write_small_files(folder: Path, count: int, size_bytes: int = 100) -> None:
    """Writes `count` files, 200 to a folder, each with its own content: FOLDER/0/0 … FOLDER/0/199, FOLDER/1/200 …"""
    for first in range(0, count, 200):
        below = folder / str(first // 200)
        below.mkdir(parents=True, exist_ok=True)
        for number in range(first, min(first + 200, count)):
            (below / str(number)).write_bytes(f"{number:<{size_bytes}}"[:size_bytes].encode())


def make_cold() -> None:
    """Makes every digest of the small files that a cache holds unusable."""
    for path in (SCRATCH / "small").glob("*/*"):
        os.utime(path)


def _write_table(path: Path) -> None:
    rows = (",".join(f"{(i * 7 + j * 13) % 97 / 97:.3f}" for j in range(33)) for i in range(2000))
    path.write_text("".join(row + "\n" for row in rows))


def _write_sources(folder: Path) -> None:
    folder.mkdir()
    for number in range(40):
        (folder / f"f{number}.c").write_text(SOURCE.format(number=number))
    (folder / "Makefile").write_text(MAKEFILE)
