"""`roar show`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from roar_core.store.records import Gap

if TYPE_CHECKING:
    from recorded_project import RecordedProject


def test_step_is_its_newest_successful_run(roar: Any, pipeline: RecordedProject) -> None:
    pipeline.run(
        "python", "train.py", "--lr=2", reads=["data/d.csv"], writes={"model.pt": "half"}, exit_code=1
    )
    assert json.loads(roar("show", "@2", "--json").stdout)["uid"] == "00000004"
    assert json.loads(roar("show", "@2·1", "--json").stdout)["uid"] == "00000002"


def test_edges_say_where_inputs_came_from(roar: Any, pipeline: RecordedProject) -> None:
    job = json.loads(roar("show", "@2", "--json").stdout)
    (data,) = job["inputs"]
    assert (data["path"], data["origin"], data["producer"]) == ("data/d.csv", "job", "00000001")
    assert data["digest"].startswith("blake3:")
    assert [edge["path"] for edge in job["code"]] == ["train.py"]
    (output,) = job["outputs"]
    assert (output["path"], output["created"], output["size"]) == ("model.pt", True, 101)


def test_code_is_among_the_inputs_where_the_setting_says_so(roar: Any, pipeline: RecordedProject) -> None:
    done = roar("show", "@2", "--json", env={"ROAR_OUTPUT__TRACK_REPO_FILES": "true"})
    assert {edge["path"] for edge in json.loads(done.stdout)["inputs"]} == {"data/d.csv", "train.py"}


def test_job_in_words(roar: Any, pipeline: RecordedProject) -> None:
    text = roar("show", "00000004").stdout
    for expected in (
        "python train.py --lr=2",
        "ptrace, complete",
        "from @1 00000001",
        "code (1)",
        "model.pt",
    ):
        assert expected in text


def test_record_of_all_that_went_through_libc_is_complete(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("x", tracer="preload", level="libc")
    assert json.loads(roar("show", "@1", "--json").stdout)["complete"] is True
    assert "preload, complete (all that goes through libc)" in roar("show", "@1").stdout


def test_gaps_make_a_record_incomplete(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("x", gaps=(Gap("io_uring", "process 7"),))
    job = json.loads(roar("show", "@1", "--json").stdout)
    assert (job["complete"], job["gaps"]) == (
        False,
        [{"kind": "io_uring", "detail": "process 7", "process": None}],
    )
    assert "not complete (1 gap)" in roar("show", "@1").stdout


def test_changed_outside_has_both_digests(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("a", writes={"x": "one"})
    recorded.write("x", "edited")
    recorded.run("b", reads=["x"])
    (edge,) = json.loads(roar("show", "@2", "--json").stdout)["inputs"]
    made = json.loads(roar("show", "@1", "--json").stdout)["outputs"][0]
    assert edge["origin"] == "changed-outside"
    assert edge["previous"] == made["digest"] != edge["digest"]


def test_paths_are_relative_to_where_the_user_stands(roar: Any, pipeline: RecordedProject) -> None:
    text = roar("show", "@2", cwd=roar.folder / "data").stdout
    assert "  d.csv" in text
    assert "../model.pt" in text


@pytest.mark.parametrize("length", [8, 12, 64])
def test_content_by_digest(roar: Any, pipeline: RecordedProject, length: int) -> None:
    digest = json.loads(roar("show", "@2", "--json").stdout)["outputs"][0]["digest"].partition(":")[2]
    artifact = json.loads(roar("show", digest[:length], "--json").stdout)
    assert artifact["digests"] == {"blake3": digest}
    assert (artifact["paths"], artifact["produced_by"], artifact["used_by"]) == (
        ["model.pt"],
        ["00000004"],
        [],
    )
    assert "model.pt" in roar("show", digest).stdout


def test_path_is_the_content_it_had_last(roar: Any, pipeline: RecordedProject) -> None:
    artifact = json.loads(roar("show", "model.pt", "--json").stdout)
    assert artifact["produced_by"] == ["00000004"]
    history = roar("show", "../model.pt", cwd=roar.folder / "data").stdout.splitlines()
    assert [("written" in line, "@2" in line) for line in history[1:]] == [
        (True, True),
        (False, False),
        (True, True),
    ]


def test_session(roar: Any, pipeline: RecordedProject) -> None:
    session = json.loads(roar("show", "--json").stdout)
    assert [(step["step"], step["runs"]) for step in session["steps"]] == [("@1", 1), ("@2", 2), ("@3", 1)]
    assert "4 jobs, 3 steps" in roar("show").stdout
    for reference in ("session", f"session:{session['session'][:6]}"):
        assert json.loads(roar("show", reference, "--json").stdout) == session


@pytest.mark.parametrize(
    "reference",
    ["@99", "@B1", "@x", "@2·9", "ffffffff", "no/such/file", "@99999999999999999999", "session:ff"],
)
def test_unknown_reference(roar: Any, pipeline: RecordedProject, reference: str) -> None:
    done = roar("show", reference, status=1)
    assert reference in done.stderr
    assert "hint:" in done.stderr
    error = json.loads(roar("show", reference, "--json", status=1).stderr)["error"]
    assert error["code"] == "not_found"


def test_ambiguous_uid(roar: Any, pipeline: RecordedProject) -> None:
    assert (
        json.loads(roar("show", "0000", "--json", status=1).stderr)["error"]["code"] == "ambiguous_reference"
    )


def test_file_whose_name_is_not_utf8(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("a", writes={"caf\udce9": "text"})
    (edge,) = json.loads(roar("show", "@1", "--json").stdout)["outputs"]
    assert edge["path_bytes"] == "Y2Fm6Q=="
