"""`roar reset`: a new session, and what stays of the old one."""

from __future__ import annotations

from pipeline import LARGE, Pipeline, edges


def test_numbers_begin_anew_and_history_stays(pipeline: Pipeline) -> None:
    pipeline.shell(f"printf '{LARGE.strip()}' > model.pt")
    pipeline.shell("true")
    pipeline.roar("reset")
    assert pipeline.dag()["steps"] == []
    assert pipeline.json("log") == []
    assert len(pipeline.log()) == 2
    pipeline.shell("wc model.pt > score.txt")
    first, _, third = pipeline.log()
    assert third["step"] == "@1"
    assert edges(pipeline.job(third["uid"]), "inputs")["model.pt"]["producer"] == first["uid"]
    assert f"{first['uid']}  earlier session" in pipeline.roar("dag").stdout


def test_same_command_in_a_new_session_is_a_new_step(pipeline: Pipeline) -> None:
    pipeline.shell("echo a > a")
    pipeline.shell("echo b > b")
    pipeline.roar("reset")
    pipeline.shell("echo b > b")
    assert [job["step"] for job in pipeline.log()] == ["@1", "@2", "@1"]


def test_session_without_jobs_is_not_ended(pipeline: Pipeline) -> None:
    assert "nothing to begin anew" in pipeline.roar("reset").stdout
    pipeline.shell("true")
    pipeline.roar("reset")
    uid = pipeline.json("show")["session"]
    pipeline.roar("reset")
    assert pipeline.json("show")["session"] == uid


def test_labels_stay_with_the_session_they_were_given(pipeline: Pipeline) -> None:
    pipeline.shell("true")
    pipeline.roar("label", "set", "session", "title=first")
    pipeline.roar("reset")
    assert pipeline.json("show")["labels"] == {}
