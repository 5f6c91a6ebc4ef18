"""Where inputs came from."""

from __future__ import annotations

import pytest
from recorded_history import Read, Recorder, Wrote
from roar_core.lineage.producers import settle_producers


@pytest.fixture
def recorder() -> Recorder:
    return Recorder.new()


def test_producer_is_the_latest_writer_of_that_content(recorder: Recorder) -> None:
    recorder.job("gen", writes=[Wrote("d", "c1")])
    again = recorder.job("gen", writes=[Wrote("d", "c1")])
    reader = recorder.job("fit", reads=[Read("d", "c1")])
    assert recorder.source(reader, "d") == ("job", again)


def test_equal_bytes_keep_their_own_makers(recorder: Recorder) -> None:
    a = recorder.job("a", writes=[Wrote("a.txt", "same")])
    b = recorder.job("b", writes=[Wrote("b.txt", "same")])
    reader = recorder.job("c", reads=[Read("a.txt", "same"), Read("b.txt", "same")])
    assert recorder.source(reader, "a.txt") == ("job", a)
    assert recorder.source(reader, "b.txt") == ("job", b)


def test_own_writes_are_never_the_source(recorder: Recorder) -> None:
    first = recorder.job("train", writes=[Wrote("k", "c1")])
    second = recorder.job(
        "train", reads=[Read("k", "c1", at=5000.5)], writes=[Wrote("k", "c2", at=5000.2)], start=5000
    )
    assert recorder.source(second, "k") == ("job", first)


def test_nobody_wrote_it(recorder: Recorder) -> None:
    reader = recorder.job("fit", reads=[Read("d", "c1"), Read("t.csv", "c2", git=True), Read("u", None)])
    assert recorder.source(reader, "d") == ("root", None)
    assert recorder.source(reader, "t.csv") == ("git", None)
    assert recorder.source(reader, "u") == ("unknown", None)


def test_changed_outside_keeps_what_the_last_job_left(recorder: Recorder) -> None:
    recorder.job("a", writes=[Wrote("x", "c1")])
    reader = recorder.job("b", reads=[Read("x", "c2")])
    assert recorder.source(reader, "x") == ("changed-outside", None)
    previous = recorder.connection.execute(
        "SELECT previous_artifact_id FROM job_input WHERE job_id = ?", (reader,)
    ).fetchone()
    assert previous == (recorder.artifact("c1"),)


def test_what_the_last_writer_left_is_unknown(recorder: Recorder) -> None:
    recorder.job("a", writes=[Wrote("x", None)])
    reader = recorder.job("b", reads=[Read("x", "c2")])
    assert recorder.source(reader, "x") == ("unknown", None)


def test_copy_is_of_the_latest_version_with_that_content(recorder: Recorder) -> None:
    recorder.job("train", writes=[Wrote("m", "c1")])
    again = recorder.job("train", writes=[Wrote("m", "c1")])
    reader = recorder.job("eval", reads=[Read("best", "c1")])
    assert recorder.source(reader, "best") == ("copy", again)


def test_copy_of_an_older_version_of_the_same_path_put_back(recorder: Recorder) -> None:
    first = recorder.job("a", writes=[Wrote("x", "c1")])
    recorder.job("a", writes=[Wrote("x", "c2")])
    assert recorder.source(recorder.job("b", reads=[Read("x", "c1")]), "x") == ("copy", first)


@pytest.mark.parametrize(
    ("content", "git", "origin"),
    [("small", False, "root"), ("c1", True, "git")],
    ids=["shorter than 64 bytes", "tracked by git"],
)
def test_no_copy(recorder: Recorder, content: str, git: bool, origin: str) -> None:
    recorder.job("a", writes=[Wrote("e", content)])
    assert recorder.source(recorder.job("b", reads=[Read("f", content, git=git)]), "f") == (origin, None)


def test_no_copy_of_what_was_made_after_the_path_was_seen_with_it(recorder: Recorder) -> None:
    recorder.job("cp", reads=[Read("data", "c1")], writes=[Wrote("backup", "c1")])
    assert recorder.source(recorder.job("fit", reads=[Read("data", "c1")]), "data") == ("root", None)


def test_writer_recorded_after_its_reader(recorder: Recorder) -> None:
    recorder.job("old", writes=[Wrote("ckpt_1", "c0")])
    reader = recorder.job("eval", reads=[Read("ckpt_1", "c1"), Read("best", "c1")], start=2010, end=2011)
    assert recorder.source(reader, "ckpt_1") == ("changed-outside", None)
    train = recorder.job(
        "train", writes=[Wrote("ckpt_1", "c1", at=2005), Wrote("ckpt_2", "c2")], start=2000, end=2020
    )
    assert recorder.source(reader, "ckpt_1") == ("job", train)
    assert recorder.source(reader, "best") == ("copy", train)


def test_writer_recorded_after_a_reader_of_what_was_there_before(recorder: Recorder) -> None:
    old = recorder.job("old", writes=[Wrote("x", "c0")])
    reader = recorder.job("eval", reads=[Read("x", "c0")], start=2010, end=2030)
    recorder.job("train", writes=[Wrote("x", "c1", at=2015)], start=2000, end=2020)
    assert recorder.source(reader, "x") == ("job", old)


def test_reader_recorded_late_shows_that_the_path_was_there_before_the_copy(recorder: Recorder) -> None:
    recorder.job("cp", writes=[Wrote("backup", "c1", at=2005)], start=2000, end=2006)
    reader = recorder.job("fit", reads=[Read("data", "c1")], start=2010, end=2011)
    assert recorder.source(reader, "data")[0] == "copy"
    recorder.job("slow", reads=[Read("data", "c1", at=2001)], start=2000, end=2020)
    assert recorder.source(reader, "data") == ("root", None)


def test_removed_and_replaced_outputs_are_no_versions(recorder: Recorder) -> None:
    gen = recorder.job("gen", writes=[Wrote("d", "c1")])
    recorder.job("mv", writes=[Wrote("d", None, fate="removed"), Wrote("e", None, fate="replaced")])
    reader = recorder.job("fit", reads=[Read("d", "c1"), Read("e", "c9")])
    assert recorder.source(reader, "d") == ("job", gen)
    assert recorder.source(reader, "e") == ("root", None)


def test_rows_of_a_run_not_yet_visible_do_not_count(recorder: Recorder) -> None:
    hidden = recorder.job("gen", writes=[Wrote("d", "c1")])
    recorder.connection.execute("UPDATE job SET visible = 0 WHERE id = ?", (hidden,))
    assert recorder.source(recorder.job("fit", reads=[Read("d", "c1")]), "d") == ("root", None)


def test_settling_again_changes_nothing(recorder: Recorder) -> None:
    recorder.job("a", writes=[Wrote("x", "c1"), Wrote("y", "c2")])
    reader = recorder.job("b", reads=[Read("x", "c1"), Read("z", "c2"), Read("y", "c3")])
    before = [recorder.source(reader, path) for path in "xyz"]
    settle_producers(recorder.tables, reader)
    assert (
        [recorder.source(reader, path) for path in "xyz"]
        == before
        == [("job", 1), ("changed-outside", None), ("copy", 1)]
    )
