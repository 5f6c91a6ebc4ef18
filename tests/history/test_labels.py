"""`roar label`: on jobs, contents and sessions, with all that was said before."""

from __future__ import annotations

from pipeline import Pipeline


def test_label_is_shown_with_what_it_is_on(pipeline: Pipeline) -> None:
    pipeline.shell("echo model > model.pt")
    pipeline.roar("label", "set", "@1", "stage=candidate", "owner=Ada L.")
    pipeline.roar("label", "set", "model.pt", "metric/auc=0.91")
    pipeline.roar("label", "set", "session", "title=a = b")
    assert pipeline.json("label", "show", "@1") == {"owner": "Ada L.", "stage": "candidate"}
    assert pipeline.job("@1")["labels"] == {"owner": "Ada L.", "stage": "candidate"}
    assert pipeline.json("show", "model.pt")["labels"] == {"metric/auc": "0.91"}
    assert pipeline.json("show")["labels"] == {"title": "a = b"}
    for reference, text in ((("@1",), "candidate"), (("model.pt",), ""), ((), "a = b")):
        assert text in pipeline.roar("show", *reference).stdout


def test_content_keeps_its_label_under_every_name(pipeline: Pipeline) -> None:
    pipeline.shell("echo model > a.pt")
    pipeline.roar("label", "set", "a.pt", "kept=yes")
    pipeline.shell("cp a.pt b.pt")
    assert pipeline.json("label", "show", "b.pt") == {"kept": "yes"}
    digest = pipeline.json("show", "a.pt")["digest"]
    assert pipeline.json("label", "show", digest) == {"kept": "yes"}
    assert "kept" in pipeline.roar("show", digest).stdout


def test_content_keeps_its_label_when_it_turns_out_to_be_another(pipeline: Pipeline) -> None:
    """Two artifacts that are one by a further digest are merged, and so are their labels."""
    pipeline.shell("echo model > a.pt")
    pipeline.roar("label", "set", "a.pt", "kept=yes")
    pipeline.roar("run", "-q", "--hash", "sha256", "cat", "a.pt")
    assert pipeline.json("label", "show", "a.pt") == {"kept": "yes"}


def test_history_has_every_version_newest_first(pipeline: Pipeline) -> None:
    pipeline.shell("true")
    for value in ("one", "two", "two"):
        pipeline.roar("label", "set", "@1", f"state={value}")
    pipeline.roar("label", "unset", "@1", "state")
    pipeline.roar("label", "set", "@1", "other=x")
    history = pipeline.json("label", "history", "@1", "state")
    assert [(version["key"], version["value"]) for version in history] == [
        ("state", None),
        ("state", "two"),
        ("state", "one"),
    ]
    assert pipeline.json("label", "show", "@1") == {"other": "x"}
    assert "taken away" in pipeline.roar("label", "history", "@1").stdout


def test_label_of_an_earlier_session_is_found_by_its_uid(pipeline: Pipeline) -> None:
    pipeline.shell("true")
    uid = pipeline.json("show")["session"]
    pipeline.roar("reset")
    pipeline.roar("label", "set", f"session:{uid[:12]}", "title=first")
    assert pipeline.json("label", "show", f"session:{uid}") == {"title": "first"}
    assert pipeline.json("label", "show", "session") == {}


def test_label_of_a_job_goes_with_the_job(pipeline: Pipeline) -> None:
    pipeline.shell("true")
    pipeline.roar("label", "set", "@1", "a=b")
    pipeline.roar("pop", "-y")
    pipeline.shell("true")
    assert pipeline.json("label", "show", "@1") == {}


def test_collection_lists_what_is_labelled_so(pipeline: Pipeline) -> None:
    pipeline.shell(
        "mkdir data; echo 1 > data/1; echo 22 > data/2; echo model > model.pt; cp model.pt same.pt"
    )
    for target in ("model.pt", "data", "data/1"):
        pipeline.roar("label", "set", target, "collection/paper=yes")
    pipeline.roar("label", "set", "data/2", "collection/other=yes")
    pipeline.roar("label", "unset", "data/1", "collection/paper")
    shown = pipeline.json("show", "collection:paper")
    assert shown["collection"] == "paper"
    assert [(each["path"], each["kind"], each["size"]) for each in shown["artifacts"]] == [
        ("same.pt", "file", 6),
        (None, "composite", 5),
    ]
    text = pipeline.roar("show", "collection:paper").stdout
    assert "2 artifacts, 11 B" in text
    for line in ("same.pt", "2 files"):
        assert line in text


def test_collection_that_nothing_is_in_is_an_error(pipeline: Pipeline) -> None:
    error = pipeline.roar("show", "collection:paper", status=1).stderr
    assert "hint: roar label set PATH collection/paper=yes" in error
