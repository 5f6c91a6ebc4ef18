"""`roar dag`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from recorded_project import RecordedProject

LONG = "x" * 100


def dag(roar: Any, *options: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(roar("dag", *options, "--json").stdout)
    return answer


def step(roar: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {node["label"]: node for node in dag(roar, "--expanded")["steps"]}[name]
    return found


def test_active_steps_and_what_they_depend_on(roar: Any, pipeline: RecordedProject) -> None:
    answer = dag(roar)
    assert [(node["step"], node["state"], node["depends_on"]) for node in answer["steps"]] == [
        ("@1", "active", []),
        ("@2", "active", ["@1"]),
    ]
    assert answer["steps"][1]["runs"] == 2
    assert answer["hidden"] == {"stale": 1, "superseded": 1, "failed": 0}


def test_stale_says_which_input(roar: Any, pipeline: RecordedProject) -> None:
    stale = step(roar, "@3")
    (reason,) = stale["reasons"]
    assert (stale["state"], reason["path"], reason["by"]) == ("stale", "model.pt", "@2")
    assert reason["recorded"] != reason["now"]
    assert stale["depends_on"] == ["@2·1"]
    text = roar("dag", "--stale-only").stdout
    assert "model.pt: @2 left other content there" in text
    assert "@1 " not in text


def test_stale_by_an_ancestor(roar: Any, recorded: RecordedProject) -> None:
    recorded.write("raw", LONG)
    recorded.run("a", reads=["raw"], writes={"b": LONG + "b"})
    recorded.run("b", reads=["b"], writes={"c": LONG + "c"})
    recorded.write("raw", LONG + "edited")
    assert step(roar, "@1")["reasons"][0]["text"].startswith("raw: changed outside")
    (reason,) = step(roar, "@2")["reasons"]
    assert (reason["kind"], reason["by"]) == ("maker", "@1")


def test_run_that_is_not_drawn_is_named_by_its_step(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("a", writes={"a.txt": LONG})
    recorded.run("b", reads=["a.txt"], writes={"b.txt": LONG + "b"})
    recorded.run("a", writes={"a.txt": LONG})
    assert [line.split() for line in roar("dag").stdout.splitlines()[:2]] == [
        ["@1", "active", "a", "×2"],
        ["@2", "active", "b", "←", "@1"],
    ]


def test_run_stands_below_those_it_rests_on_else_by_its_step(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("late", name="late")
    recorded.run("b", writes={"b.txt": LONG + "b"})
    recorded.run("a", writes={"a.txt": LONG})
    recorded.run("late", reads=["a.txt"], name="late")
    recorded.run("b", writes={"b.txt": LONG + "c"})
    assert [node["label"] for node in dag(roar)["steps"]] == ["@2", "@3", "@1"]


def test_expanded_shows_every_run(roar: Any, pipeline: RecordedProject) -> None:
    nodes = dag(roar, "--expanded")["steps"]
    assert [(node["label"], node["state"]) for node in nodes] == [
        ("@1", "active"),
        ("@2·1", "superseded"),
        ("@2", "active"),
        ("@3", "stale"),
    ]


def test_changed_code_is_a_mark_only(roar: Any, pipeline: RecordedProject) -> None:
    pipeline.write("train.py", "print('other')")
    train = step(roar, "@2")
    assert (train["state"], train["code_changed"], train["changed_code"]) == ("active", True, ["train.py"])
    assert "code changed: train.py" in roar("dag").stdout


def test_resumed_training_is_one_node(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("train", writes={"k": LONG + "1"})
    for number in (2, 3):
        recorded.run("train", reads=["k"], writes={"k": LONG + str(number)})
    (node,) = dag(roar)["steps"]
    assert (node["runs"], node["continues"]) == (3, 3)
    assert "continues itself ×3" in roar("dag").stdout


def test_failed_run_overwrites_a_good_one(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("f", writes={"x.csv": LONG})
    recorded.run("f", writes={"x.csv": "half"}, exit_code=3)
    answer = dag(roar)
    (node,) = answer["steps"]
    assert node["overwritten"] == [{"path": "x.csv", "by": "@1·2"}]
    assert answer["hidden"]["failed"] == 1
    assert "output overwritten by @1·2: x.csv" in roar("dag").stdout


def test_unknown_input_can_not_be_told(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("wc", unknown=["odd.txt"])
    (node,) = dag(roar)["steps"]
    assert node["state"] == "cant-tell"
    assert "odd.txt" in node["reasons"][0]["text"]


def test_removed_input_is_gone_and_changes_nothing(roar: Any, pipeline: RecordedProject) -> None:
    (pipeline.root / "raw.csv").unlink()
    assert step(roar, "@1")["state"] == "active"
    assert step(roar, "@1")["gone"] == ["raw.csv"]
    assert "input is gone: raw.csv" in roar("dag").stdout


@pytest.mark.parametrize(
    ("text", "verified"), [(LONG + "raw.csv", "active"), (LONG[1:] + "yraw.csv", "stale")]
)
def test_what_merely_looks_changed_is_read_by_verify(
    roar: Any, pipeline: RecordedProject, text: str, verified: str
) -> None:
    raw = pipeline.root / "raw.csv"
    raw.unlink()
    raw.write_text(text)
    os.utime(raw, (1_600_000_000, 1_600_000_000))
    first = step(roar, "@1")
    assert (first["state"], first["unverified"]) == ("active", ["raw.csv"])
    assert "unverified (roar dag --verify)" in roar("dag").stdout
    nodes = {node["step"]: node for node in dag(roar, "--expanded", "--verify")["steps"]}
    assert (nodes["@1"]["state"], nodes["@1"]["unverified"]) == (verified, [])


def test_code_that_merely_looks_changed_is_said(roar: Any, pipeline: RecordedProject) -> None:
    pipeline.write("train.py", (pipeline.root / "train.py").read_text().replace("x", "y"))
    assert step(roar, "@2")["unverified"] == ["train.py"]
    nodes = {node["step"]: node for node in dag(roar, "--verify")["steps"]}
    assert nodes["@2"]["changed_code"] == ["train.py"]


def test_many_files_of_a_folder_are_one_line(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("split", writes={f"shards/{number}.txt": str(number) for number in range(40)})
    recorded.run("join", reads=[f"shards/{number}.txt" for number in range(40)], writes={"all": "x"})
    text = roar("dag", "--show-artifacts").stdout
    assert "→ shards/ (40 files)" in text
    assert "← shards/ (40 files)" in text
    assert "→ all" in text


def test_run_of_very_many_files_is_cut_short(roar: Any, recorded: RecordedProject) -> None:
    names = [f"{number // 500}/{number}" for number in range(2300)]
    recorded.run("split", writes=dict.fromkeys(names, "x"))
    (node,) = dag(roar)["steps"]
    assert (len(node["outputs"]), node["left_out"]) == (1000, {"inputs": 0, "outputs": 1300})
    assert "→ … 300 more files  (roar show @1)" in roar("dag", "--show-artifacts").stdout


def test_maker_in_an_earlier_session_is_external(roar: Any, recorded: RecordedProject) -> None:
    from roar_core.store.store import Store

    made = recorded.run("gen", writes={"d": LONG})
    with Store(recorded.project) as store:
        store.connection.execute("UPDATE session SET ended_ns = started_ns")
    recorded.run("fit", reads=["d"])
    answer = dag(roar)
    assert [node["depends_on"] for node in answer["steps"]] == [[made]]
    assert [job["job"] for job in answer["external"]] == [made]
    assert f"{made}  earlier session  gen" in roar("dag").stdout


def test_lines_fit_80_columns(roar: Any, pipeline: RecordedProject) -> None:
    pipeline.run("echo", "word " * 40, reads=["model.pt", "data/d.csv"])
    for options in ((), ("--expanded",), ("--show-artifacts",)):
        assert max(map(len, roar("dag", *options, env={"COLUMNS": "80"}).stdout.splitlines())) <= 80


def test_nothing_recorded(roar: Any, project: Path) -> None:
    assert "roar run" in roar("dag").stdout
    assert dag(roar)["steps"] == []
