#!/usr/bin/env python3
"""Makes docs/pipelines.md and docs/pictures/ by running the examples for real, each in a copy of its own.

What they print holds times and uids, so the page is made when something about it changes, and not compared.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "pipelines.md"
PICTURES = REPOSITORY / "docs" / "pictures"
IDENTITY = ["-c", "user.name=roar", "-c", "user.email=roar@example.org"]


class Pipeline(NamedTuple):
    """An example. `before`: what is run, `quietly`; `shown`: what is typed and shown; the picture is made last."""

    name: str
    title: str
    text: str
    before: Sequence[str]
    shown: Sequence[str]


def sweep() -> Iterator[str]:
    """Yields the commands of the sweep: twelve variants of two models."""
    yield "roar run -q python prepare.py"
    names = []
    for trees in (5, 10, 20, 40, 60, 80, 100, 150, 200, 300, 400):
        names.append(f"models/forest-{trees}.joblib")
        yield f"roar run -q python train.py --model forest --trees {trees} --out {names[-1]}"
    names.append("models/logistic.joblib")
    yield f"roar run -q python train.py --model logistic --out {names[-1]}"
    yield f"roar run -q python evaluate.py {' '.join(names)}"


PIPELINES = (
    Pipeline(
        "sklearn-sweep",
        "A sweep over twelve models",
        "`examples/sklearn-pipeline`, with eleven forests and a logistic regression. Then one of the forests is trained"
        " again with another number of trees, and the report goes stale.",
        tuple(sweep()),
        (
            "roar dag",
            "roar lineage models/forest-20.joblib",
            "roar run -q @4 --trees=25",
            "roar diff @4·1 @4",
            "roar dag --stale-only",
            "roar run -q @14",
            "roar dag",
        ),
    ),
    Pipeline(
        "c-project",
        "configure, make, test",
        "`examples/c-project`: what `configure` finds, what `make` compiles, and a test. One source file is edited, and"
        " `make` and the test are run again: `make` is one step with two runs, and compiles only what was edited.",
        (
            "roar run -q ./configure",
            "roar run -q make --silent",
            "roar run -q ./test.sh",
        ),
        (
            "roar dag",
            "sed -i 's/4096/65536/' main.c",
            "roar dag",
            "roar run -q make --silent",
            "roar diff @2·1 @2",
            "roar dag --stale-only",
            "roar run -q ./test.sh",
            "roar dag --show-artifacts",
            "roar inputs test.log",
        ),
    ),
    Pipeline(
        "log-report",
        "A report over logs, by shell and awk",
        "`examples/log-report`: logs are made, joined, and counted in two ways. Then somebody edits one of the logs.",
        (
            "roar run -q ./generate.sh 7",
            "roar run -q ./clean.sh",
            "roar run -q sh -c 'awk -f errors.awk requests.txt > errors.txt'",
            "roar run -q sh -c 'awk -f slow.awk requests.txt > slow.txt'",
            "roar run -q ./report.sh",
        ),
        (
            "roar dag",
            "roar lineage report.txt",
            "sed -i '/ 500 /d' logs/web-2.log",
            "roar dag --stale-only",
            "roar run -q ./clean.sh",
            "roar diff @2·1 @2",
            "roar run -q @3",
            "roar run -q @4",
            "roar run -q ./report.sh",
            "roar diff @5·1 @5",
        ),
    ),
)

INTRODUCTION = """# Three pipelines

Made by `python docs/make_pipelines.py`, which runs the examples for real and keeps what is printed on a terminal of 80
columns. The pictures are those of `roar dag --show-artifacts --svg`.
"""


def main() -> None:
    """Makes the page and the pictures."""
    PICTURES.mkdir(exist_ok=True)
    PAGE.write_text("\n".join([INTRODUCTION, *map(section, PIPELINES)]))


def section(pipeline: Pipeline) -> str:
    """Returns the part of the page about one pipeline, having run it."""
    source = {"sklearn-sweep": "sklearn-pipeline"}.get(pipeline.name, pipeline.name)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / pipeline.name
        shutil.copytree(REPOSITORY / "examples" / source, root)
        for command in (["init", "-q"], ["add", "."], [*IDENTITY, "commit", "-qm", "start"]):
            subprocess.run(["git", *command], cwd=root, check=True)
        run(root, "roar init -y")
        for line in pipeline.before:
            run(root, line)
        told = [f"$ {line}\n{run(root, line)}".rstrip() for line in pipeline.shown]
        picture = PICTURES / f"{pipeline.name}.svg"
        run(root, f"roar dag --show-artifacts --svg {shlex.quote(str(picture))}")
    listing = "\n".join(pipeline.before)
    return "\n".join(
        [
            f"## {pipeline.title}\n",
            f"{pipeline.text}\n",
            f"```\n{listing}\n```\n",
            f"![the steps and their files](pictures/{pipeline.name}.svg)\n",
            "```\n" + "\n\n".join(told) + "\n```\n",
        ]
    )


def run(root: Path, line: str) -> str:
    """Returns what a command line prints, typed in `root` with this Python's programs first on PATH."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ROAR_")}
    environment |= {"NO_COLOR": "1", "COLUMNS": "80", "OMP_NUM_THREADS": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment.get('PATH', os.defpath)}"
    done = subprocess.run(
        line, shell=True, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"failed with {done.returncode}: {line}\n{done.stdout}{done.stderr}")
    return done.stdout if line.startswith("roar") and " run " not in line else ""


if __name__ == "__main__":
    main()
