"""`roar dag --svg` and `--html`, and the folding of runs that are alike."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

if TYPE_CHECKING:
    from recorded_project import RecordedProject

LONG = "x" * 100
SVG = "{http://www.w3.org/2000/svg}"


def drawn(file: Path) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """The texts of the nodes by title, and the edges by titles."""
    root = ElementTree.fromstring(file.read_text())
    assert root.tag == f"{SVG}svg"
    texts: dict[str, str] = {}
    edges = set()
    for group in root.iter(f"{SVG}g"):
        title = group.findtext(f"{SVG}title") or ""
        words = " ".join(text.text or "" for text in group.iter(f"{SVG}text")).replace("\xa0", " ")
        if group.get("class", "").startswith("node"):
            texts[title] = words
        elif group.get("class") == "edge":
            edges.add(tuple(title.split("->")))
    return texts, edges


def details(file: Path) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', file.read_text(), re.S)
    assert found
    answer: dict[str, Any] = json.loads(found[1])
    return answer


def test_svg_has_a_box_for_each_run_and_an_arrow_for_what_it_read(
    roar: Any, pipeline: RecordedProject
) -> None:
    done = roar("dag", "--svg", "dag.svg")
    assert (done.stdout, done.stderr) == ("", "")
    texts, edges = drawn(roar.folder / "dag.svg")
    assert {title: text.split()[0] for title, text in texts.items()} == {
        "job-00000001": "@1",
        "job-00000004": "@2",
    }
    assert "python train.py --lr=2" in texts["job-00000004"]
    assert edges == {("job-00000001", "job-00000004")}


def test_expanded_picture_has_every_run_with_its_state(roar: Any, pipeline: RecordedProject) -> None:
    roar("dag", "--expanded", "--svg", "dag.svg")
    texts, _ = drawn(roar.folder / "dag.svg")
    assert sorted(text.split()[:2] for text in texts.values()) == [
        ["@1", "python"],
        ["@2", "×2"],
        ["@2·1", "superseded"],
        ["@3", "stale"],
    ]


def test_artifacts_are_boxes_where_they_are_wanted(roar: Any, pipeline: RecordedProject) -> None:
    roar("dag", "--show-artifacts", "--svg", "dag.svg")
    texts, edges = drawn(roar.folder / "dag.svg")
    files = {title: text for title, text in texts.items() if title.startswith("file-")}
    assert sorted(files.values()) == ["model.pt", "raw.csv"]
    assert len(edges) == 3


def test_many_files_between_two_runs_are_one_arrow(roar: Any, recorded: RecordedProject) -> None:
    names = [f"shards/{number}" for number in range(40)]
    recorded.run("split", writes={name: LONG + name for name in names})
    recorded.run("join", reads=names)
    roar("dag", "--svg", "dag.svg")
    _, edges = drawn(roar.folder / "dag.svg")
    assert edges == {("job-00000001", "job-00000002")}
    assert "40 files" in (roar.folder / "dag.svg").read_text().replace("&#160;", " ")


def test_page_shows_details_and_asks_nothing_of_the_network(roar: Any, pipeline: RecordedProject) -> None:
    roar("dag", "--html", "dag.html")
    page = (roar.folder / "dag.html").read_text()
    run = details(roar.folder / "dag.html")["job-00000004"]
    assert (run["title"], run["state"], run["command"]) == ("@2", "active", "python train.py --lr=2")
    assert [(files["title"], files["count"]) for files in run["files"]] == [
        ("inputs", 1),
        ("code", 1),
        ("outputs", 1),
    ]
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+", page))
    assert addresses <= {"http://www.w3.org"}  # names of XML, which no browser fetches
    assert "not drawn: 1 stale, 1 superseded runs" in page


@pytest.mark.parametrize(
    "argument",
    [
        "</script><img src=x onerror=alert(1)>",
        "%%DETAILS%%",
        'quo"te\\n\\',
        "a\nb\x1b[31m",
        "&amp;<b>",
        "日本",
    ],
)
def test_any_command_can_be_drawn(roar: Any, recorded: RecordedProject, argument: str) -> None:
    recorded.run("echo", argument, writes={"out": LONG})
    roar("dag", "--svg", "dag.svg", "--html", "dag.html")
    texts, _ = drawn(roar.folder / "dag.svg")
    assert texts["job-00000001"].startswith("@1 echo")
    assert "</script><img" not in (roar.folder / "dag.html").read_text()
    run = details(roar.folder / "dag.html")["job-00000001"]
    assert argument.partition("\n")[0] in run["command"]


def test_maker_of_an_earlier_session_is_drawn_as_such(roar: Any, recorded: RecordedProject) -> None:
    from roar_core.store.store import Store

    made = recorded.run("gen", writes={"d": LONG})
    with Store(recorded.project) as store:
        store.connection.execute("UPDATE session SET ended_ns = started_ns")
    used = recorded.run("fit", reads=["d"])
    roar("dag", "--svg", "dag.svg")
    texts, edges = drawn(roar.folder / "dag.svg")
    assert "earlier session" in texts[f"job-{made}"]
    assert edges == {(f"job-{made}", f"job-{used}")}


def test_dash_is_standard_output(roar: Any, pipeline: RecordedProject) -> None:
    assert ElementTree.fromstring(roar("dag", "--svg", "-").stdout).tag == f"{SVG}svg"


def test_nothing_to_draw_says_so(roar: Any, project: Path) -> None:
    done = roar("dag", "--svg", "dag.svg", status=1)
    assert done.stderr == "roar: nothing to draw: no run is to be shown\nhint: roar run COMMAND\n"
    assert not (project / "dag.svg").exists()


@pytest.mark.parametrize("file", ["no/such/folder/dag.svg", "."])
def test_picture_that_can_not_be_written_says_so(roar: Any, pipeline: RecordedProject, file: str) -> None:
    before = sorted(roar.folder.iterdir())
    done = roar("dag", "--svg", file, status=1)
    assert done.stderr.startswith("roar: cannot write the picture: ")
    assert f"`{file}`" in done.stderr
    assert sorted(roar.folder.iterdir()) == before


NO_PYGRAPHVIZ = "import sys\nsys.modules['pygraphviz'] = None\n"


def test_without_graphviz_the_hint_installs_it(roar: Any, pipeline: RecordedProject, tmp_path: Path) -> None:
    (roar.site / "sitecustomize.py").write_text(NO_PYGRAPHVIZ)
    done = roar("dag", "--html", "dag.html", status=1, env={"PATH": str(tmp_path)})
    assert done.stderr == (
        "roar: graphviz, which draws pictures, is not installed\n"
        "hint: pip install 'roar-core[pictures]', or as root: apt-get install graphviz\n"
    )


def test_without_pygraphviz_the_system_draws(roar: Any, pipeline: RecordedProject, tmp_path: Path) -> None:
    (roar.site / "sitecustomize.py").write_text(NO_PYGRAPHVIZ)
    dot = tmp_path / "dot"
    dot.write_text('#!/bin/sh\necho "<?xml?><svg>$1 $(/bin/cat | /usr/bin/head -c 7)</svg>"\n')
    dot.chmod(0o755)
    roar("dag", "--svg", "dag.svg", env={"PATH": str(tmp_path)})
    assert "<svg>-Tsvg digraph</svg>" in (roar.folder / "dag.svg").read_text()


def unusable(folder: Path) -> dict[str, str]:
    """Variables under which a library that pygraphviz needs is missing."""
    (folder / "pygraphviz.py").write_text("raise ImportError('libgobject-2.0.so.0: no such file')\n")
    return {"PYTHONPATH": os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])}


def test_pygraphviz_that_lacks_a_library_is_told(
    roar: Any, pipeline: RecordedProject, tmp_path: Path
) -> None:
    done = roar("dag", "--svg", "-", env={**unusable(tmp_path), "PATH": str(tmp_path)}, status=1)
    assert done.stderr == (
        "roar: graphviz, as pygraphviz brings it, lacks a library of the system: `libgobject-2.0.so.0: no such file`\n"
        "hint: as root: apt-get install graphviz\n"
    )


def test_where_pygraphviz_lacks_a_library_the_system_draws(
    roar: Any, pipeline: RecordedProject, tmp_path: Path
) -> None:
    dot = tmp_path / "dot"
    dot.write_text('#!/bin/sh\necho "<svg>$1</svg>"\n')
    dot.chmod(0o755)
    done = roar("dag", "--svg", "-", env={**unusable(tmp_path), "PATH": str(tmp_path)})
    assert done.stdout.endswith("<svg>-Tsvg</svg>\n")


def test_graphviz_that_fails_is_told(roar: Any, pipeline: RecordedProject, tmp_path: Path) -> None:
    (roar.site / "sitecustomize.py").write_text(NO_PYGRAPHVIZ)
    dot = tmp_path / "dot"
    dot.write_text("#!/bin/sh\necho no fonts >&2\nexit 3\n")
    dot.chmod(0o755)
    done = roar("dag", "--svg", "dag.svg", status=1, env={"PATH": str(tmp_path)})
    assert "graphviz cannot draw the graph: `no fonts`" in done.stderr


@pytest.fixture
def sweep(recorded: RecordedProject) -> RecordedProject:
    """One preparation, 24 trainings of which one is run again, an evaluation of each."""
    recorded.run("prep", writes={"d": LONG})
    for number in range(24):
        recorded.run(
            "python",
            "train.py",
            f"--out=m{number}.pt",
            reads=["d"],
            writes={f"m{number}.pt": LONG + f"m{number}"},
        )
    for number in range(24):
        recorded.run(
            "python",
            "eval.py",
            f"m{number}.pt",
            reads=[f"m{number}.pt"],
            writes={f"s{number}": LONG + f"s{number}"},
        )
    return recorded


def test_runs_that_are_alike_share_a_line_where_there_are_many(roar: Any, sweep: RecordedProject) -> None:
    lines = roar("dag", env={"COLUMNS": "80"}).stdout.splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        "@1 active prep",
        "@2 +23 active python train.py --out=m….pt ← @1",
        "@26 +23 active python eval.py m….pt ← @2 +23",
        "+ 46 like these (roar dag --expanded lists every run)",
    ]


def test_run_with_a_remark_keeps_its_line(roar: Any, sweep: RecordedProject) -> None:
    (sweep.root / "m3.pt").unlink()
    text = roar("dag").stdout
    assert "input is gone: m3.pt" in text
    assert "@26 +22" in text


def test_few_runs_are_not_folded(roar: Any, recorded: RecordedProject) -> None:
    for number in range(12):
        recorded.run("python", "train.py", f"--out=m{number}", writes={f"m{number}": LONG + str(number)})
    assert len(roar("dag").stdout.splitlines()) == 12


def test_expanded_lists_every_run(roar: Any, sweep: RecordedProject) -> None:
    assert len(roar("dag", "--expanded").stdout.splitlines()) == 49
