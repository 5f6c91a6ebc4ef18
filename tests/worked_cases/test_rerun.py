"""LINEAGE worked case 9: a step run again with other options."""

from __future__ import annotations

from pipeline import Pipeline


def test_case_9_option_is_replaced_in_the_recorded_place(pipeline: Pipeline) -> None:
    pipeline.write("sub/train.sh", '#!/bin/sh\nprintf "%s|" "$@" > ../model.pt\n', executable=True)
    pipeline.run("./train.sh", "--lr=1", "--epochs", "5", "a b's", cwd=pipeline.root / "sub")
    pipeline.run("true")
    pipeline.roar("run", "-q", "@1", "--epochs=10", "--lr=2", "--seed=3")
    assert (pipeline.root / "model.pt").read_text() == "--lr=2|--epochs|10|a b's|--seed=3|"
    first, _, again = pipeline.log()
    assert (first["step"], again["step"]) == ("@1", "@1")
    assert again["cwd"] == "sub"


def test_case_9_works_on_a_stale_step_from_any_folder(pipeline: Pipeline) -> None:
    pipeline.write("raw", "1" * 100)
    pipeline.run("cp", "raw", "data")
    pipeline.outside("echo new > raw; mkdir -p deep/er")
    assert pipeline.states()["@1"] == "stale"
    pipeline.roar("run", "-q", "@1", cwd=pipeline.root / "deep/er")
    assert (pipeline.root / "data").read_text() == "new\n"
    assert pipeline.states()["@1"] == "active"
    assert len(pipeline.log()) == 2


def test_case_9_keeps_the_step_when_the_outputs_differ(pipeline: Pipeline) -> None:
    pipeline.script("w.sh", 'echo x > "${1#--out=}"')
    pipeline.run("./w.sh", "--out=a.txt")
    pipeline.roar("run", "-q", "@1", "--out=b.txt")
    assert [job["step"] for job in pipeline.log()] == ["@1", "@1"]


def test_rerun_of_a_step_that_is_not_there_says_so(pipeline: Pipeline) -> None:
    done = pipeline.roar("run", "@99", status=None)
    assert done.returncode == 125
    assert "no such step in this session: `@99`" in done.stderr
    assert pipeline.log() == []
