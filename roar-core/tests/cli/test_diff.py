"""`roar diff`."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from roar_core.store.records import GitState

if TYPE_CHECKING:
    from recorded_project import RecordedProject

LONG = "x" * 100


def diff(roar: Any, a: str, b: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(roar("diff", a, b, "--json").stdout)
    return answer


def causes(roar: Any, a: str, b: str) -> list[tuple[str, str]]:
    return [(cause["cause"], cause["step"]) for cause in diff(roar, a, b)["causes"]]


def twice(recorded: RecordedProject, first: dict[str, Any], second: dict[str, Any]) -> None:
    """One step, run twice with other results."""
    recorded.run("fit", writes={"m": LONG + "1"}, **first)
    recorded.run("fit", writes={"m": LONG + "2"}, **second)


def test_parameters(roar: Any, pipeline: RecordedProject) -> None:
    answer = diff(roar, "@2·1", "@2")
    assert answer["same"] is False
    assert answer["first_divergence"] == {
        "path": None,
        "step": "@2",
        "cause": "parameters",
        "detail": "--lr=1 → --lr=2",
    }
    (output,) = answer["outputs"]
    assert (output["a_path"], output["b_path"]) == ("model.pt", "model.pt")
    assert "they part at @2·1 and @2" in roar("diff", "@2·1", "@2").stdout


def test_contents_by_path_and_by_digest(roar: Any, pipeline: RecordedProject) -> None:
    old = diff(roar, "@2·1", "@2")["outputs"][0]["a"].partition(":")[2]
    answer = diff(roar, old[:12], "model.pt")
    assert (answer["a"]["kind"], answer["b"]["path"], answer["same"]) == ("file", "model.pt", False)
    assert [cause["cause"] for cause in answer["causes"]] == ["parameters"]
    assert diff(roar, "model.pt", "model.pt")["same"] is True


def test_first_place_is_upstream(roar: Any, recorded: RecordedProject) -> None:
    recorded.write("raw", LONG)
    for number in (1, 2):
        recorded.run("prep", reads=["raw"], writes={"d": LONG + f"d{number}"})
        recorded.run("fit", f"--lr={number}", reads=["d"], writes={"m": LONG + f"m{number}"})
        recorded.write("raw", LONG + "edited")
    answer = diff(roar, "@2·1", "@2")
    assert causes(roar, "@2·1", "@2") == [("input", "@1"), ("parameters", "@2")]
    assert answer["first_divergence"]["path"] == "raw"
    assert answer["causes"][0]["changes"][0]["a"] != answer["causes"][0]["changes"][0]["b"]


def test_equal_bytes_upstream_explain_nothing(roar: Any, recorded: RecordedProject) -> None:
    for number in (1, 2):
        recorded.run("prep", f"--seed={number}", writes={"d": LONG})
        recorded.run("fit", f"--lr={number}", reads=["d"], writes={"m": LONG + f"m{number}"})
    assert causes(roar, "@2·1", "@2") == [("parameters", "@2")]


def test_code_with_its_diff(roar: Any, recorded: RecordedProject) -> None:
    recorded.write("fit.py", "a\nb\n")
    recorded.run("fit", code=["fit.py"], writes={"m": LONG + "1"})
    recorded.write("fit.py", "a\nc\n")
    recorded.run("fit", code=["fit.py"], writes={"m": LONG + "2"})
    (cause,) = diff(roar, "@1·1", "@1")["causes"]
    assert (cause["cause"], cause["path"], cause["diff"]) == (
        "code",
        "fit.py",
        None,
    )  # the old text is nowhere
    assert "its text is not there any more" in roar("diff", "@1·1", "@1").stdout


def test_code_that_only_one_loaded(roar: Any, recorded: RecordedProject) -> None:
    recorded.write("fit.py", "import more")
    recorded.write("more.py", "x = 1")
    twice(recorded, {"code": ["fit.py"]}, {"code": ["fit.py", "more.py"]})
    (cause,) = diff(roar, "@1·1", "@1")["causes"]
    assert (cause["cause"], cause["detail"]) == ("code", "more.py: only B loads it")


def test_code_that_a_job_made_leads_to_that_job(roar: Any, recorded: RecordedProject) -> None:
    for number in (1, 2):
        recorded.run("configure", f"--level={number}", writes={"config.h": LONG + str(number)})
        recorded.run("make", code=["config.h"], writes={"m": LONG + f"m{number}"})
    assert causes(roar, "@2·1", "@2") == [("parameters", "@1")]


def test_text_after_c_is_code(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("python", "-c", "print(1)", writes={"m": LONG + "1"})
    recorded.run("python", "-c", "print(2)", writes={"m": LONG + "2"})
    (cause,) = diff(roar, "@1", "@2")["causes"]
    assert cause["cause"] == "code"
    assert cause["diff"].splitlines()[-2:] == ["-print(1)", "+print(2)"]


@pytest.mark.parametrize(
    ("first", "second", "cause", "detail"),
    [
        (
            {"packages": ({"name": "numpy", "version": "1.26"},)},
            {"packages": ({"name": "numpy", "version": "2.0"}, {"name": "pandas", "version": "2"})},
            "packages",
            "numpy 1.26 → 2.0, pandas 2 only in B",
        ),
        (
            {"environment": {"python": "3.11.7", "system_packages": [{"name": "libc6", "version": "1"}]}},
            {"environment": {"python": "3.12.1", "system_packages": [{"name": "libc6", "version": "1"}]}},
            "environment",
            "python 3.11.7 → 3.12.1",
        ),
        (
            {"environment": {"variables": {"SEED": "1"}}},
            {"environment": {"variables": {"SEED": "2"}}},
            "environment",
            "SEED 1 → 2",
        ),
        ({"hardware": {"cores": 2}}, {"hardware": {"cores": 4}}, "hardware", "cores 2 → 4"),
        ({}, {}, "nondeterministic", None),
    ],
)
def test_cause_class(
    roar: Any,
    recorded: RecordedProject,
    first: dict[str, Any],
    second: dict[str, Any],
    cause: str,
    detail: str | None,
) -> None:
    twice(recorded, first, second)
    (found,) = diff(roar, "@1·1", "@1")["causes"]
    assert found["cause"] == cause
    assert detail in (None, found["detail"])


def test_causes_of_one_place_are_ranked(roar: Any, recorded: RecordedProject) -> None:
    recorded.write("fit.py", "1")
    recorded.write("d", LONG)
    recorded.run("fit", "--lr=1", reads=["d"], code=["fit.py"], writes={"m": LONG}, hardware={"cores": 1})
    recorded.write("fit.py", "2")
    recorded.write("d", LONG + "!")
    more = {"hardware": {"cores": 2}, "packages": ({"name": "numpy", "version": "2"},)}
    recorded.run("fit", "--lr=2", reads=["d"], code=["fit.py"], writes={"m": LONG + "m"}, **more)
    assert [cause for cause, _ in causes(roar, "@1·1", "@1")] == [
        "input",
        "code",
        "parameters",
        "packages",
        "hardware",
    ]


def test_file_that_only_one_reads(roar: Any, recorded: RecordedProject) -> None:
    recorded.write("extra", LONG)
    twice(recorded, {}, {"reads": ["extra"]})
    (cause,) = diff(roar, "@1·1", "@1")["causes"]
    assert (cause["cause"], cause["path"]) == ("pipeline", "extra")


def test_files_of_one_folder_are_told_of_together(roar: Any, recorded: RecordedProject) -> None:
    for side in ("a", "b"):
        for number in range(9):
            recorded.write(f"data/{number}", LONG + side + str(number))
        recorded.run("train", reads=[f"data/{number}" for number in range(9)], writes={side: LONG + side})
    assert len(json.loads(roar("diff", "a", "b", "--json").stdout)["causes"]) == 9
    lines = roar("diff", "a", "b").stdout.splitlines()
    assert len([line for line in lines if line.strip().startswith("input bytes")]) == 3
    assert lines[-1].strip() == "and 6 more in data/ (--json)"


def test_sweep_compares_what_stands_for_the_same(roar: Any, recorded: RecordedProject) -> None:
    for name in "ab":
        recorded.run("prep", "--out", f"{name}.csv", writes={f"{name}.csv": LONG + name})
        recorded.run("fit", f"{name}.csv", reads=[f"{name}.csv"], writes={f"{name}.pt": LONG + name * 2})
    answer = diff(roar, "a.pt", "b.pt")
    assert [(c["cause"], c["step"]) for c in answer["causes"]] == [("parameters", "@3"), ("parameters", "@4")]
    (output,) = diff(roar, "@2", "@4")["outputs"]
    assert (output["a_path"], output["b_path"]) == ("a.pt", "b.pt")


def test_file_that_was_added_to_is_an_input(roar: Any, recorded: RecordedProject) -> None:
    recorded.write("log", "")
    for _ in range(2):
        recorded.run("note", appends={"log": LONG})
    (cause,) = diff(roar, "@1·1", "@1")["causes"]
    assert (cause["cause"], cause["path"]) == ("input", "log")


def test_equal_outputs_are_the_same_whatever_differs(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("fit", "--lr=1", writes={"m": LONG})
    recorded.run("fit", "--lr=2", writes={"m": LONG})
    answer = diff(roar, "@1·1", "@1")
    assert (answer["same"], answer["causes"][0]["cause"]) == (True, "parameters")
    text = roar("diff", "@1·1", "@1").stdout
    assert "the outputs are the same" in text
    assert "without effect: at @1·1 and @1" in text


def test_ending_differs(roar: Any, recorded: RecordedProject) -> None:
    recorded.run("fit", "--lr=1")
    recorded.run("fit", "--lr=1", exit_code=3)
    answer = diff(roar, "@1", "@1·2")
    assert (answer["same"], answer["endings"]) == (False, [{"name": "@1", "a": "ok", "b": "exit 3"}])
    assert answer["causes"][0]["cause"] == "nondeterministic"


def test_file_that_no_job_made(roar: Any, pipeline: RecordedProject) -> None:
    (cause,) = diff(roar, "raw.csv", "model.pt")["causes"]
    assert (cause["cause"], cause["detail"]) == ("pipeline", "only B was made by a recorded job")


def test_same_run_is_the_same(roar: Any, pipeline: RecordedProject) -> None:
    answer = diff(roar, "@1", "@1")
    assert (answer["same"], answer["first_divergence"], answer["causes"]) == (True, None, [])


def end_session(recorded: RecordedProject) -> str:
    """Ends the active session as `roar reset` does, and returns its uid."""
    with sqlite3.connect(recorded.project.database) as database:
        (uid,) = database.execute("SELECT uid FROM session WHERE ended_ns IS NULL").fetchone()
        database.execute("UPDATE session SET ended_ns = started_ns")
    database.close()
    return str(uid)


def test_sessions_step_by_step(roar: Any, recorded: RecordedProject) -> None:
    recorded.write("raw", LONG)
    recorded.run("prep", reads=["raw"], writes={"d": LONG + "d"})
    recorded.run("fit", "--lr=1", reads=["d"], writes={"m": LONG + "1"})
    recorded.run("plot", reads=["m"], writes={"p": LONG + "p"})
    old = end_session(recorded)
    recorded.run("prep", reads=["raw"], writes={"d": LONG + "d"})
    recorded.run("fit", "--lr=2", reads=["d"], writes={"m": LONG + "2"})
    recorded.run("score", reads=["m"], writes={"s": LONG + "s"})
    new = end_session(recorded)
    answer = diff(roar, old[:12], new[:12])
    assert [(cause["cause"], cause["detail"]) for cause in answer["causes"]] == [
        ("parameters", "--lr=1 → --lr=2"),
        ("pipeline", "only A has this step"),
        ("pipeline", "only B has this step"),
    ]
    assert diff(roar, old[:12], old)["same"] is True
    assert diff(roar, f"session:{old[:12]}", f"session:{new}")["causes"] == answer["causes"]


def test_lines_fit_80_columns(roar: Any, pipeline: RecordedProject) -> None:
    pipeline.run("fit", *["--word=1"] * 40, writes={"z": LONG + "z"})
    pipeline.run("fit", *["--word=2"] * 40, writes={"z": LONG + "y"})
    lines = roar("diff", "@4·1", "@4", env={"COLUMNS": "80"}).stdout.splitlines()
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("a", "b", "status", "words"),
    [
        ("@99", "@1", 1, "no such step"),
        ("@1", "nothing", 1, "no job, content or file"),
        ("@1", "model.pt", 2, "a job and a file can't be compared"),
        ("deadbeefdeadbeef", "@1", 1, "no content or session of this project"),
        ("session:deadbeefdeadbeef", "session", 1, "no session with this uid"),
    ],
)
def test_bad_reference_is_refused(
    roar: Any, pipeline: RecordedProject, a: str, b: str, status: int, words: str
) -> None:
    done = roar("diff", a, b, status=status)
    assert done.stdout == ""
    assert words in done.stderr
    assert "hint: roar " in done.stderr


def test_code_diff_from_git(roar: Any, recorded: RecordedProject) -> None:
    import subprocess

    def commit(text: str) -> GitState:
        recorded.write("fit.py", text)
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        for arguments in (["init", "-q"], ["add", "fit.py"], [*identity, "commit", "-qm", "x"]):
            subprocess.run(["git", *arguments], cwd=recorded.root, check=True)
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=recorded.root, capture_output=True, check=True
        )
        return GitState(head.stdout.decode().strip(), "main", None, False)

    for number in (1, 2, 3):
        state = commit(f"print({number})\n")
        recorded.run("fit", code=["fit.py"], writes={"m": LONG + str(number)}, git=state)
    (cause,) = diff(roar, "@1·1", "@1·2")["causes"]
    assert cause["diff"].splitlines()[-2:] == ["-print(1)", "+print(2)"]
    assert "-print(1)" in roar("diff", "@1·1", "@1·2").stdout
