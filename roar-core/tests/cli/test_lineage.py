"""`roar lineage` and `roar inputs`."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from recorded_project import RecordedProject

LONG = "x" * 100


def lineage(roar: Any, reference: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(roar("lineage", reference, "--json").stdout)
    return answer


def labels(roar: Any, reference: str) -> list[str]:
    return [job["label"] for job in lineage(roar, reference)["jobs"]]


def inputs(roar: Any, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(roar("inputs", *arguments, "--json").stdout)
    return found


def test_all_jobs_upstream_oldest_first(roar: Any, pipeline: RecordedProject) -> None:
    assert labels(roar, "score.txt") == ["@1", "@2·1", "@3"]
    assert labels(roar, "model.pt") == ["@1", "@2"]
    assert labels(roar, "@3") == ["@1", "@2·1", "@3"]
    jobs = lineage(roar, "@3")["jobs"]
    assert [job["depends_on"] for job in jobs] == [[], [jobs[0]["uid"]], [jobs[1]["uid"]]]


def test_file_is_named_with_who_left_it(roar: Any, pipeline: RecordedProject) -> None:
    answer = lineage(roar, "model.pt")
    assert answer["of"]["job"] == answer["jobs"][-1]["uid"]
    assert answer["of"]["digest"] == answer["jobs"][-1]["outputs"][0]["digest"]
    assert "model.pt" in (text := roar("lineage", "model.pt").stdout)
    assert "is left by @2" in text
    assert "from outside (1)" in text


@pytest.mark.parametrize("length", [8, 12, 64])
def test_old_content_by_digest_has_its_own_history(roar: Any, pipeline: RecordedProject, length: int) -> None:
    digest = lineage(roar, "@2·1")["jobs"][-1]["outputs"][0]["digest"].partition(":")[2]
    assert labels(roar, digest[:length]) == ["@1", "@2·1"]


def test_copy_made_outside_leads_to_its_source(roar: Any, pipeline: RecordedProject) -> None:
    pipeline.write("best.pt", LONG + "2")
    pipeline.run("use", reads=["best.pt"])
    assert labels(roar, "best.pt") == ["@1", "@2"]
    assert "is a copy of what @2 left" in roar("lineage", "best.pt").stdout


def test_reader_of_a_file_that_grew_rests_on_all_who_added(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("a", writes={"log": LONG})
    for name in ("b", "c"):
        recorded.run(name, appends={"log": name})
    recorded.run("other", writes={"other": LONG + "o"}, appends={"log": "d"})
    recorded.run("read", reads=["log"])
    assert labels(roar, "@5") == ["@1", "@2", "@3", "@4", "@5"]
    assert labels(roar, "log") == ["@1", "@2", "@3", "@4"]
    assert labels(roar, "other") == ["@4"]


def test_failed_maker_is_marked(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("make", writes={"half": LONG}, exit_code=3)
    recorded.run("use", reads=["half"])
    assert roar("lineage", "@2").stdout.splitlines()[0].split() == ["@1", "make", "failed"]


def test_root_input_names_its_readers(roar: Any, pipeline: RecordedProject) -> None:
    pipeline.run("look", reads=["raw.csv", "score.txt"], writes={"report": LONG + "r"})
    (root,) = inputs(roar, "report")
    assert (root["path"], root["origin"], root["sourced"]) == ("raw.csv", "root", False)
    assert len(root["used_by"]) == 2
    assert "→ @1 @4" in roar("inputs", "report").stdout


def test_edited_file_is_a_root_of_its_own(roar: Any, pipeline: RecordedProject) -> None:
    pipeline.write("data/d.csv", LONG + "edited")
    pipeline.run("fit", reads=["data/d.csv"], writes={"fitted": LONG + "f"})
    (root,) = inputs(roar, "fitted")
    assert (root["path"], root["origin"]) == ("data/d.csv", "changed-outside")


def test_unsourced_leaves_out_what_git_has(roar: Any, recorded: RecordedProject) -> None:
    recorded.write("params.yaml", "a: 1")
    recorded.write("raw", LONG)
    recorded.run("fit", reads=["raw", "params.yaml"], tracked=["params.yaml"], writes={"m": LONG + "m"})
    assert {root["path"] for root in inputs(roar, "m")} == {"raw", "params.yaml"}
    assert [root["path"] for root in inputs(roar, "m", "--unsourced")] == ["raw"]


def test_nothing_unsourced_is_said_and_is_no_error(roar: Any, recorded: RecordedProject) -> None:
    recorded.write("params.yaml", "a: 1")
    recorded.run("fit", reads=["params.yaml"], tracked=["params.yaml"], writes={"m": LONG})
    done = roar("inputs", "m", "--unsourced")
    assert (done.stdout, done.stderr) == ("", "roar: every input has a source\n")


def test_file_that_nobody_made_is_its_own_root(roar: Any, pipeline: RecordedProject) -> None:
    assert labels(roar, "raw.csv") == []
    assert [root["path"] for root in inputs(roar, "raw.csv")] == ["raw.csv"]
    assert "is made by no recorded job" in roar("lineage", "raw.csv").stdout


def test_input_that_is_not_known_says_why(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("wc", unknown=["odd"], writes={"count": LONG})
    (root,) = inputs(roar, "count")
    assert (root["digest"], root["reason"]) == (None, "not held")
    assert "unknown: not held" in roar("inputs", "count").stdout


def test_path_that_is_not_utf8(roar: Any, recorded: RecordedProject) -> None:
    name = os.fsdecode(b"caf\xe9.csv")
    recorded.write(name, LONG)
    recorded.run("use", reads=[name], writes={"out": LONG + "o"})
    (root,) = inputs(roar, "out")
    assert root["path_bytes"] == "Y2Fm6S5jc3Y="


def test_lines_fit_80_columns(roar: Any, pipeline: RecordedProject) -> None:
    pipeline.run("word " * 40, reads=["model.pt", "raw.csv"], writes={"z": LONG + "z"})
    for command in ("lineage", "inputs"):
        lines = roar(command, "z", env={"COLUMNS": "80"}).stdout.splitlines()
        assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", ["lineage", "inputs"])
@pytest.mark.parametrize("reference", ["@99", "nothing", "deadbeef00", ".."])
def test_unknown_reference_is_refused(
    roar: Any, pipeline: RecordedProject, command: str, reference: str
) -> None:
    done = roar(command, reference, status=1)
    assert done.stdout == ""
    assert f"`{reference}`" in done.stderr
    assert "hint: roar " in done.stderr
