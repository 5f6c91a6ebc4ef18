"""Worked cases 7, 14, 15 and 16: what failed, what was pruned, what many write, and what had nothing to do."""

from __future__ import annotations

import shutil

import pytest
from pipeline import LARGE, Pipeline, edges


def test_case_7_failed_run_overwrote_a_good_output(pipeline: Pipeline) -> None:
    pipeline.script("make.sh", f'printf "{LARGE}" > x.csv')
    pipeline.run("./make.sh")
    pipeline.script("make.sh", "echo half > x.csv; exit 3")
    pipeline.run("./make.sh", status=3)
    (node,) = pipeline.dag()["steps"]
    assert (node["step"], node["state"], node["label"]) == ("@1", "active", "@1")
    assert node["overwritten"] == [{"path": "x.csv", "by": "@1·2"}]
    assert [(job["step"], job["status"]) for job in pipeline.log()] == [("@1", "ok"), ("@1", "failed")]
    pipeline.script("make.sh", f'printf "{LARGE}" > x.csv')
    pipeline.run("./make.sh")
    (node,) = pipeline.dag()["steps"]
    assert (node["step"], node["runs"], node["overwritten"]) == ("@1", 3, [])
    assert pipeline.dag()["hidden"] == {"stale": 0, "superseded": 1, "failed": 1}


def test_case_7_failed_run_whose_output_is_read_is_drawn_as_failed(pipeline: Pipeline) -> None:
    pipeline.shell(f'printf "{LARGE}" > half.csv; exit 3', status=3)
    pipeline.shell("cat half.csv > whole.csv")
    assert [(node["step"], node["state"]) for node in pipeline.dag()["steps"]] == [
        ("@1", "failed"),
        ("@2", "active"),
    ]


def test_case_14_reader_of_a_pruned_checkpoint_stays_as_it_was(pipeline: Pipeline) -> None:
    pipeline.script("train.sh", f'rm -f ckpt_*; printf "{LARGE}$1" > ckpt_$1')
    pipeline.run("./train.sh", "1")
    pipeline.shell("cat ckpt_1 > score")
    pipeline.run("./train.sh", "2")
    steps = {node["label"]: node for node in pipeline.dag("--expanded")["steps"]}
    assert steps["@2"]["state"] == "active"
    assert steps["@2"]["gone"] == ["ckpt_1"]
    assert "input is gone: ckpt_1" in pipeline.roar("dag").stdout


def loaders(pipeline: Pipeline) -> None:
    """Three programs that each add to r.db; a and b write as they are told."""
    pipeline.script("a.sh", f'printf "{LARGE}a$1" > r.db')
    for name in "bc":
        pipeline.script(f"{name}.sh", f"cat r.db > t; echo {name} >> t; cat t > r.db; rm t")
    pipeline.run("./a.sh")
    pipeline.run("./b.sh")
    pipeline.run("./c.sh")


def test_case_15_recreated_database_makes_the_later_loaders_stale(pipeline: Pipeline) -> None:
    loaders(pipeline)
    assert pipeline.states() == {"@1": "active", "@2": "active", "@3": "active"}
    pipeline.run("./a.sh", "again")
    states = {node["label"]: node["state"] for node in pipeline.dag("--expanded")["steps"]}
    assert states == {"@1·1": "superseded", "@2": "stale", "@3": "stale", "@1": "active"}


def test_case_15_database_that_is_added_to_continues_the_chain(pipeline: Pipeline) -> None:
    pipeline.write("load.py", SQLITE)
    for table in ("a", "b", "c", "a"):
        pipeline.run("python3", "load.py", table)
    nodes = {node["label"]: node for node in pipeline.dag("--expanded")["steps"]}
    newest = nodes[max(nodes, key=lambda label: list(nodes).index(label))]
    assert newest["state"] == "active"
    jobs = pipeline.log()
    assert [edges(pipeline.job(job["uid"]), "inputs")["r.db"]["producer"] for job in jobs[1:]] == [
        job["uid"] for job in jobs[:-1]
    ]
    assert all(node["state"] != "stale" for node in nodes.values())


SQLITE = """
import sqlite3, sys
with sqlite3.connect("r.db") as database:
    database.execute("CREATE TABLE IF NOT EXISTS t (name TEXT)")
    database.execute("INSERT INTO t VALUES (?)", (sys.argv[1] * 100,))
"""


@pytest.fixture
def made(pipeline: Pipeline) -> Pipeline:
    """A program of two source files and a Makefile, built once."""
    if shutil.which("make") is None:
        pytest.skip("no make: apt-get install make")
    pipeline.write("Makefile", "both: a.out b.out\n\tcat a.out b.out > both\n%.out: %.in\n\tcp $< $@\n")
    pipeline.write("a.in", LARGE + "a")
    pipeline.write("b.in", LARGE + "b")
    pipeline.run("make")
    return pipeline


def test_case_16_make_three_times_is_one_step(made: Pipeline) -> None:
    made.run("make")
    made.write("a.in", LARGE + "edited")
    made.run("make")
    assert [job["step"] for job in made.log()] == ["@1"] * 3
    (node,) = made.dag()["steps"]
    assert (node["state"], node["runs"]) == ("active", 3)
    assert made.job("@1·2")["outputs"] == []


def test_case_16_byte_code_is_no_edge(pipeline: Pipeline) -> None:
    pipeline.write("more.py", "x = 1\n")
    pipeline.write("main.py", "import more\nopen('out', 'w').write(str(more.x))\n")
    pipeline.environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for _ in range(2):
        pipeline.run("python3", "main.py")
    assert (pipeline.root / "__pycache__").exists()
    for job in pipeline.log():
        whole = pipeline.job(job["uid"])
        paths = {edge["path"] for side in ("inputs", "outputs") for edge in whole[side]}
        assert not any("__pycache__" in path for path in paths)
        assert set(edges(whole, "code")) == {"main.py", "more.py"}
    (node,) = pipeline.dag()["steps"]
    assert (node["runs"], node["depends_on"]) == (2, [])
