"""The program of a command line."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from roar_core.lineage.program import comparable_argv, program_of

CASES = [
    # command, program as seen from the folder `sub` of a project, its arguments
    ("python train.py --lr 1", "sub/train.py", "--lr 1"),
    ("/usr/bin/python3.11 -u ../train.py", "train.py", ""),
    ("python -W ignore -X dev -B train.py", "sub/train.py", ""),
    ("python -um pkg.mod --x", "pkg.mod", "--x"),
    ("python --version", "python", "--version"),
    ("env -i -u HOME A=1 B=2 python train.py", "sub/train.py", ""),
    ("env -C deeper python train.py", "sub/deeper/train.py", ""),
    ("env -S 'python -u' train.py a", "sub/train.py", "a"),
    ("A=1 nice -n 5 timeout -k 3 10 python train.py x", "sub/train.py", "x"),
    ("time -o times -v ./train.sh", "sub/train.sh", ""),
    ("nohup setsid stdbuf -oL ./train.sh a", "sub/train.sh", "a"),
    ("xvfb-run -a -s '-screen 0 1x1x8' python plot.py", "sub/plot.py", ""),
    ("bash -euxo pipefail run.sh a", "sub/run.sh", "a"),
    ("uv run train.py --lr", "sub/train.py", "--lr"),
    ("uv run --with numpy --python 3.11 python -m mod a", "mod", "a"),
    ("uv run -m mod a", "mod", "a"),
    ("uv sync", "uv", "sync"),
    ("poetry run python train.py", "sub/train.py", ""),
    ("pdm run pytest tests", "pytest", "tests"),
    ("hatch run python train.py", "sub/train.py", ""),
    ("conda run -n env --no-capture-output python train.py", "sub/train.py", ""),
    ("torchrun --nproc_per_node 2 --standalone train.py --a", "sub/train.py", "--a"),
    ("torchrun --nproc-per-node=2 -m pkg.train --a", "pkg.train", "--a"),
    ("torchrun --no-python ./train.sh a", "sub/train.sh", "a"),
    ("python -m torch.distributed.run --nproc_per_node 2 train.py", "sub/train.py", ""),
    ("accelerate launch --multi_gpu --num_processes 2 train.py a", "sub/train.py", "a"),
    ("accelerate config", "accelerate", "config"),
    ("mpirun -np 4 --oversubscribe -x A=1 --mca btl self python train.py", "sub/train.py", ""),
    ("mpiexec -n 2 ./a.out in", "sub/a.out", "in"),
    ("srun -n 4 --gres=gpu:1 --exclusive python train.py", "sub/train.py", ""),
    ("coverage run -m pytest tests", "pytest", "tests"),
    ("/usr/bin/sort a", "sort", "a"),
    ("/opt/x/run.sh", "/opt/x/run.sh", ""),
    ("make -j4", "make", "-j4"),
    ("java -cp a.jar:b.jar com.Main x", "com.Main", "x"),
    ("java -jar app.jar x", "sub/app.jar", "x"),
    ("Rscript --vanilla fit.R x", "sub/fit.R", "x"),
    ("node --require ./hook a.js", "sub/a.js", ""),
    ("timeout 10", "timeout", "10"),
    ("nice", "nice", ""),
]


@pytest.mark.parametrize(("command", "program", "arguments"), CASES, ids=[case[0] for case in CASES])
def test_program(command: str, program: str, arguments: str, tmp_path: Path) -> None:
    argv = shlex.split(command)
    assert program_of(argv, "sub", str(tmp_path)) == program
    assert program_of(argv, str(tmp_path / "sub"), str(tmp_path)) == program
    assert comparable_argv(argv) == tuple(shlex.split(arguments))


def test_text_is_its_digest_whoever_runs_it() -> None:
    one, other = (program_of(["python", "-c", text, "arg"], ".", "/p") for text in ("print(1)", "print(2)"))
    assert one != other
    assert one == program_of(["env", "A=1", "python3", "-uc", "print(1)", "x"], ".", "/p")
    assert program_of(["sh", "-ec", "true"], ".", "/p") == program_of(["bash", "-c", "-e", "true"], ".", "/p")


def test_script_on_standard_input_is_its_digest() -> None:
    assert program_of(["python", "-", "a"], ".", "/p", stdin_digest="abc") == "- abc"
    assert program_of(["python"], ".", "/p", stdin_digest="abc") == "- abc"
    assert program_of(["bash", "-s", "a"], ".", "/p") == "- bash"
    assert comparable_argv(["bash", "-s", "a"]) == ("a",)


def test_module_in_the_project_is_its_file(tmp_path: Path) -> None:
    (tmp_path / "pkg" / "cli").mkdir(parents=True)
    (tmp_path / "pkg" / "train.py").touch()
    (tmp_path / "pkg" / "cli" / "__main__.py").touch()
    root = str(tmp_path)
    assert program_of(["python", "-m", "pkg.train"], ".", root) == program_of(
        ["python", "pkg/train.py"], ".", root
    )
    assert program_of(["python", "-m", "pkg.cli"], ".", root) == "pkg/cli/__main__.py"


def test_program_of_an_environment_inside_the_project_is_its_name(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    assert program_of([".venv/bin/pytest"], ".", str(tmp_path)) == "pytest"
    assert program_of(["bin/run.sh"], ".", str(tmp_path)) == "bin/run.sh"


def test_nothing_at_all() -> None:
    assert program_of([], ".", "/p") == ""
    assert comparable_argv([]) == ()
