"""Which step a job belongs to."""

from __future__ import annotations

import pytest
from recorded_history import Recorder, Wrote


@pytest.fixture
def recorder() -> Recorder:
    return Recorder.new()


def steps(recorder: Recorder, *jobs: int) -> list[int]:
    return [recorder.step(job) for job in jobs]


def test_same_command_in_the_same_folder(recorder: Recorder) -> None:
    first = recorder.job("env X=1 python a.py --n 1", program="a.py")
    second = recorder.job("nice python -u ./a.py --n 1", program="a.py")
    elsewhere = recorder.job("python a.py --n 1", program="a.py", cwd="sub")
    assert steps(recorder, first, second, elsewhere) == [1, 1, 2]


def test_other_parameters_and_the_same_output(recorder: Recorder) -> None:
    first = recorder.job("train --lr 1", writes=[Wrote("m", "c1")])
    second = recorder.job("train --lr 2", writes=[Wrote("m", "c2", how="replaced")])
    assert steps(recorder, first, second) == [1, 1]


@pytest.mark.parametrize("form", ["--out={}", "--out {}", "out={}", "./{}", "/{}"])
def test_named_outputs_split_a_sweep(recorder: Recorder, form: str) -> None:
    jobs = [
        recorder.job("t " + form.format(name), writes=[Wrote(name, name), Wrote("metrics.csv", f"m{name}")])
        for name in ("a.pt", "b.pt", "a.pt")
    ]
    assert steps(recorder, *jobs) == [1, 2, 1]


@pytest.mark.parametrize("how", ["modified", "appended"])
def test_adding_to_one_file_does_not_merge(recorder: Recorder, how: str) -> None:
    first = recorder.job("e x", writes=[Wrote("log", "l1", how=how)])
    assert steps(recorder, first, recorder.job("e y", writes=[Wrote("log", "l2", how=how)])) == [1, 2]


def test_failed_try_and_its_retry(recorder: Recorder) -> None:
    first = recorder.job("t --n 1", writes=[Wrote("x", "c1")], status="failed")
    assert steps(recorder, first, recorder.job("t --n 2", writes=[Wrote("x", "c2")])) == [1, 1]


def test_names_decide_alone(recorder: Recorder) -> None:
    jobs = [
        recorder.job("a", name="n"),
        recorder.job("b", name="n"),
        recorder.job("a"),
        recorder.job("a", name="m"),
    ]
    assert steps(recorder, *jobs) == [1, 1, 2, 3]


def test_kinds_are_counted_apart(recorder: Recorder) -> None:
    assert steps(
        recorder, recorder.job("make", kind="build"), recorder.job("make"), recorder.job("pip", kind="build")
    ) == [1, 1, 2]


def test_rerun_keeps_its_step(recorder: Recorder) -> None:
    recorder.job("a")
    recorder.job("b")
    again = recorder.job("b --changed", rerun_of=1)
    assert steps(recorder, again, recorder.job("b --changed")) == [1, 1]


def test_latest_step_wins(recorder: Recorder) -> None:
    recorder.job("t --n 1", writes=[Wrote("x", "c1")])
    recorder.job("t --n 2", writes=[Wrote("y", "c2")])
    both = recorder.job("t --n 3", writes=[Wrote("x", "c3"), Wrote("y", "c4")])
    assert recorder.step(both) == 2


def test_steps_of_another_session_do_not_count(recorder: Recorder) -> None:
    recorder.job("a")
    recorder.job("b")
    recorder.reset()
    assert recorder.step(recorder.job("b")) == 1
