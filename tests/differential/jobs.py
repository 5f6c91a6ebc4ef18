"""Jobs as people run them, each laid out in an empty folder, by which tracers are compared."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = sys.executable


class Job(NamedTuple):
    """`lay_out` makes what is there before, `script` is run by sh in that folder; `needs`: programs, and modules."""

    lay_out: Callable[[Path], None]
    script: str
    needs: tuple[str, ...] = ()


def nothing(folder: Path) -> None:
    """An empty folder will do."""


def pipeline(folder: Path) -> None:
    """The example pipeline."""
    for file in (REPOSITORY / "examples/sklearn-pipeline").glob("*.py"):
        shutil.copy(file, folder)


def c_project(folder: Path) -> None:
    """A program of twelve C files that share a header."""
    names = [f"part{number}" for number in range(12)]
    (folder / "parts.h").write_text("".join(f"int {name}(void);\n" for name in names))
    for number, name in enumerate(names):
        (folder / f"{name}.c").write_text(f'#include "parts.h"\nint {name}(void) {{ return {number}; }}\n')
    calls = " + ".join(f"{name}()" for name in names)
    (folder / "main.c").write_text(f'#include "parts.h"\nint main(void) {{ return ({calls}) != 66; }}\n')
    objects = " ".join(f"{name}.o" for name in [*names, "main"])
    rules = (
        "check: program\n\t./program\n\ttouch checked\n"
        f"program: {objects}\n\t$(CC) -o $@ $^\n"
        "%.o: %.c parts.h\n\t$(CC) -c -o $@ $<\n"
    )
    (folder / "Makefile").write_text(rules)


def wheel(folder: Path) -> None:
    """A wheel with a package, data and a script in it, made by hand."""
    info = "thing-1.0.dist-info"
    files = {
        "thing/__init__.py": "VALUE = 1\n",
        "thing/data/table.csv": "a,b\n1,2\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by-hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nthing = thing:main\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / "thing-1.0-py3-none-any.whl", "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), text)


def test_suite(folder: Path) -> None:
    """Tests with a fixture that writes, one of them failing."""
    (folder / "counting.py").write_text("def count(path):\n    return len(path.read_text())\n")
    (folder / "test_counting.py").write_text(
        "import counting\n\n"
        "def test_counts(tmp_path):\n    (tmp_path / 'x').write_text('abc')\n"
        "    assert counting.count(tmp_path / 'x') == 3\n\n"
        "def test_fails():\n    assert counting.__file__ == ''\n"
    )


test_suite.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test


def repository(folder: Path) -> None:
    """A git repository to clone."""
    (folder / "origin").mkdir()
    (folder / "origin/README").write_text("read me\n" * 50)
    (folder / "gitconfig").write_text(
        "[user]\n\tname = x\n\temail = x@example.org\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
        "[init]\n\tdefaultBranch = main\n[safe]\n\tdirectory = *\n"
    )
    script = "git init -q && git add . && git commit -q -m first"
    subprocess.run(
        ["sh", "-ec", script],
        cwd=folder / "origin",
        env={**GIT, "PATH": "/usr/bin:/bin", **config(folder)},
        check=True,
    )


def config(folder: Path) -> dict[str, str]:
    """The variable that names the only settings of git."""
    return {"GIT_CONFIG_GLOBAL": str(folder / "gitconfig")}


GIT: Mapping[str, str] = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z",
}

POOL = """
import multiprocessing, pathlib

def work(number):
    text = pathlib.Path("in.txt").read_text()
    pathlib.Path(f"out/{number}.txt").write_text(text * number)
    return number

if __name__ == "__main__":
    pathlib.Path("in.txt").write_text("made by the job\\n")
    pathlib.Path("out").mkdir()
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(3) as pool:
            pool.map(work, range(10), chunksize=1)
    pathlib.Path("total.txt").write_text(str(len(list(pathlib.Path("out").iterdir()))))
"""

UPDATES = """
import sqlite3, mmap
import h5py, numpy

with h5py.File("table.h5", "r+") as file:
    file["x"][3] = 7
array = numpy.memmap("array.bin", dtype="f8", mode="r+", shape=(1000,))
array[5] = 1.5
array.flush()
for journal in ("delete", "wal"):
    connection = sqlite3.connect("rows.db")
    connection.execute(f"PRAGMA journal_mode={journal}")
    connection.execute("UPDATE row SET value = value + 1")
    connection.commit()
    connection.close()
with open("mapped.bin", "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
    memory[10:13] = b"abc"
with open("log.txt", "a") as log:
    log.write("one more line\\n")
numpy.save("new.npy", array[:10])
"""

MAKE_DATA = """
import sqlite3, sys
import h5py, numpy

with h5py.File("table.h5", "w") as file:
    file["x"] = numpy.arange(100.0)
numpy.zeros(1000).tofile("array.bin")
connection = sqlite3.connect("rows.db")
connection.execute("CREATE TABLE row (value INTEGER)")
connection.execute("INSERT INTO row VALUES (1), (2)")
connection.commit()
connection.close()
open("mapped.bin", "wb").write(bytes(5000))
open("log.txt", "w").write("first line\\n")
"""


def pool(folder: Path) -> None:
    """A program that works with processes, forked and spawned."""
    (folder / "pool.py").write_text(POOL)


def data(folder: Path) -> None:
    """Files that a program changes in place."""
    (folder / "update.py").write_text(UPDATES)
    subprocess.run([PYTHON, "-c", MAKE_DATA], cwd=folder, check=True)


def words(folder: Path) -> None:
    """A text to count."""
    (folder / "text").write_text("the quick brown fox jumps over the lazy dog and the cat\n" * 200)


JOBS: Mapping[str, Job] = {
    "pipeline": Job(
        pipeline,
        f"{PYTHON} prepare.py; {PYTHON} train.py --model logistic --out models/l.joblib; "
        f"{PYTHON} evaluate.py models/l.joblib",
        ("import sklearn",),
    ),
    "make": Job(c_project, "make -s -j4 CC=cc", ("make", "cc")),
    "pip": Job(
        wheel,
        f"{PYTHON} -m pip install -q --disable-pip-version-check --no-index --no-deps --no-cache-dir --no-compile "
        "--target site thing-1.0-py3-none-any.whl",
        ("import pip",),
    ),
    "pytest": Job(test_suite, f"{PYTHON} -m pytest -q --basetemp=temporary || test $? = 1"),
    "git": Job(
        repository,
        "git clone -q origin clone; cd clone; echo more >> README; git commit -q -a -m more; git mv README READ.ME; "
        "git commit -q -m renamed; git checkout -q HEAD~1",
        ("git",),
    ),
    "processes": Job(pool, f"{PYTHON} pool.py"),
    "updates": Job(data, f"{PYTHON} update.py", ("import h5py", "import numpy")),
    "shell": Job(
        words,
        "tr ' ' '\\n' < text | sort | uniq -c | sort -rn > counts; head -n 3 counts | tee top | wc -l > lines; "
        "{ cat top; echo end; } >> all; sed -i s/the/a/ text; cp -p text copy; ln copy link; ln -s lines sym; "
        "cat sym > by-link; rm counts; mkfifo pipe; cat top > pipe & cat pipe > through; mv all renamed; "
        "(exec 5< top; cat <&5 > by-descriptor)",
    ),
}
