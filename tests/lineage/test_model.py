"""The worked cases that the model can express."""

from __future__ import annotations

from model import Job, Outside, Write, evaluate

History = list[Job | Outside]

PREP = Job("prep", reads=(("raw", "r"),), writes=(Write("d", "c1"),))
TRAIN = Job("train", ("--lr", "1"), reads=(("d", "c1"),), writes=(Write("m", "c2"),))
EVAL = Job("eval", reads=(("m", "c2"),), writes=(Write("o", "c3"),))


def retrain(content: str) -> Job:
    return Job("train", ("--lr", "2"), reads=(("d", "c1"),), writes=(Write("m", content),))


def test_rerun_with_other_bytes_makes_the_reader_stale() -> None:
    answer = evaluate(
        [Outside("raw", "r"), PREP, TRAIN, EVAL, retrain("c9")], {"raw": "r", "d": "c1", "m": "c9", "o": "c3"}
    )
    assert answer.step == {1: 1, 2: 2, 3: 3, 4: 2}
    assert answer.state == {1: "active", 2: "superseded", 3: "stale", 4: "active"}
    assert answer.shown == {1, 4}


def test_rerun_with_equal_bytes_keeps_the_reader() -> None:
    answer = evaluate(
        [Outside("raw", "r"), PREP, TRAIN, EVAL, retrain("c2")], {"raw": "r", "d": "c1", "m": "c2", "o": "c3"}
    )
    assert answer.shown == {1, 3, 4}


def test_rerun_with_equal_bytes_renews_the_reader() -> None:
    """Raw data changed, and all but eval ran again: train left the bytes that eval read, so there is nothing to do."""
    again = [
        Job("prep", reads=(("raw", "r2"),), writes=(Write("d", "c9"),)),
        Job("train", ("--lr", "1"), reads=(("d", "c9"),), writes=(Write("m", "c2"),)),
    ]
    a = evaluate(
        [Outside("raw", "r"), PREP, TRAIN, EVAL, Outside("raw", "r2"), *again],
        {"raw": "r2", "d": "c9", "m": "c2", "o": "c3"},
    )
    assert a.state == {1: "superseded", 2: "superseded", 3: "active", 5: "active", 6: "active"}


def test_changed_root_input_makes_all_stale() -> None:
    answer = evaluate(
        [Outside("raw", "r"), PREP, TRAIN, EVAL], {"raw": "r2", "d": "c1", "m": "c2", "o": "c3"}
    )
    assert set(answer.state.values()) == {"stale"}


MAKE = Job("make", reads=(("a", "a1"), ("b", "b1")), writes=(Write("a.o", "ao1"), Write("b.o", "bo1")))
MAKE_A = Job("make", reads=(("a", "a2"), ("b.o", "bo1")), writes=(Write("a.o", "ao2"), Write("x", "x2")))


def test_step_that_does_again_what_changed_is_current() -> None:
    answer = evaluate(
        [Outside("a", "a1"), Outside("b", "b1"), MAKE, Outside("a", "a2"), MAKE_A],
        {"a": "a2", "b": "b1", "a.o": "ao2", "b.o": "bo1", "x": "x2"},
    )
    assert answer.state == {2: "superseded", 4: "active"}


def test_step_that_has_not_read_a_change_is_stale() -> None:
    disk = {"a": "a2", "b": "b2", "a.o": "ao2", "b.o": "bo1", "x": "x2"}
    history: History = [Outside("a", "a1"), Outside("b", "b1"), MAKE, Outside("a", "a2"), MAKE_A]
    assert evaluate(history, disk).state == {2: "superseded", 4: "stale"}
    again = Job("make", reads=(("b", "b2"), ("a.o", "ao2")), writes=(Write("b.o", "bo2"), Write("x", "x3")))
    answer = evaluate([*history, Outside("b", "b2"), again], {**disk, "b.o": "bo2", "x": "x3"})
    assert answer.state == {2: "superseded", 4: "superseded", 6: "active"}


def test_other_step_that_rests_on_an_older_run_is_stale() -> None:
    use = Job("use", reads=(("b.o", "bo1"),), writes=(Write("u", "u1"),))
    answer = evaluate(
        [Outside("a", "a1"), Outside("b", "b1"), MAKE, use, Outside("a", "a2"), MAKE_A],
        {"a": "a2", "b": "b1", "a.o": "ao2", "b.o": "bo1", "x": "x2", "u": "u1"},
    )
    assert answer.state == {2: "superseded", 3: "stale", 5: "active"}


def test_in_place_chain_stays() -> None:
    history: History = [
        Job("gen", writes=(Write("d", "c1"),)),
        Job("clean", reads=(("d", "c1"),), writes=(Write("d", "c2", "modified"),)),
        Job("fit", reads=(("d", "c2"),), writes=(Write("f", "c3"),)),
    ]
    answer = evaluate(history, {"d": "c2", "f": "c3"})
    assert answer.shown == {0, 1, 2}
    assert answer.producer == {(1, "d"): 0, (2, "d"): 1}
    answer = evaluate(
        [*history, Job("clean", reads=(("d", "c2"),), writes=(Write("d", "c4", "modified"),))],
        {"d": "c4", "f": "c3"},
    )
    assert answer.state == {0: "active", 1: "superseded", 2: "stale", 3: "active"}
    assert answer.producer[3, "d"] == 1


def test_equal_bytes_keep_their_own_makers() -> None:
    history: History = [
        Job("a", writes=(Write("a.txt", "c"),)),
        Job("b", writes=(Write("b.txt", "c"),)),
        Job("c", reads=(("a.txt", "c"),)),
        Job("d", reads=(("b.txt", "c"),)),
    ]
    answer = evaluate(history, {"a.txt": "c", "b.txt": "c"})
    assert answer.producer[2, "a.txt"] == 0
    assert answer.producer[3, "b.txt"] == 1


def test_sweep_is_two_steps_though_both_rewrite_the_metrics() -> None:
    history: History = [
        Job("t", ("--out", "a"), writes=(Write("a", "c1"), Write("m", "c2"))),
        Job("t", ("--out", "b"), writes=(Write("b", "c3"), Write("m", "c4"))),
        Job("agg", reads=(("a", "c1"), ("b", "c3")), writes=(Write("r", "c5"),)),
        Job("t", ("--out", "a"), writes=(Write("a", "c6"), Write("m", "c7"))),
    ]
    answer = evaluate(history, {"a": "c6", "b": "c3", "m": "c7", "r": "c5"})
    assert answer.step == {0: 1, 1: 2, 2: 3, 3: 1}
    assert answer.state[2] == "stale"
    assert answer.shown == {1, 3}


def test_appending_to_one_log_does_not_merge() -> None:
    history: History = [
        Job("e", ("x",), writes=(Write("x.json", "c1"), Write("log", "l1", "appended"))),
        Job("e", ("y",), writes=(Write("y.json", "c2"), Write("log", "l2", "appended"))),
    ]
    assert evaluate(history, {"x.json": "c1", "y.json": "c2", "log": "l2"}).step == {0: 1, 1: 2}


def test_resumed_training_is_one_step() -> None:
    history: History = [
        Job("train", writes=(Write("k", "c1"),)),
        Job("train", reads=(("k", "c1"),), writes=(Write("k", "c2"),)),
        Job("train", reads=(("k", "c2"),), writes=(Write("k", "c3"),)),
    ]
    answer = evaluate(history, {"k": "c3"})
    assert answer.step == {0: 1, 1: 1, 2: 1}
    assert answer.shown == {2}


def test_failed_run_does_not_supersede_and_is_drawn_when_read() -> None:
    history: History = [Job("f", writes=(Write("x", "c1"),)), Job("f", writes=(Write("x", "c2"),), ok=False)]
    assert evaluate(history, {"x": "c2"}).state == {0: "active", 1: "failed"}
    assert evaluate([*history, Job("use", reads=(("x", "c2"),))], {"x": "c2"}).shown == {0, 1, 2}


def test_copies_made_outside_are_found_and_never_make_cycles() -> None:
    history: History = [
        Job("train", writes=(Write("m", "c1"),)),
        Outside("best", "c1"),
        Job("eval", reads=(("best", "c1"),)),
    ]
    answer = evaluate(history, {"m": "c1", "best": "c1"})
    assert answer.origin[2, "best"] == "copy"
    assert answer.producer[2, "best"] == 0
    history = [
        Outside("data", "c1"),
        Job("cp", reads=(("data", "c1"),), writes=(Write("backup", "c1"),)),
        Job("fit", reads=(("data", "c1"),)),
    ]
    assert evaluate(history, {"data": "c1", "backup": "c1"}).origin[2, "data"] == "root"
    history = [
        Job("a", writes=(Write("e", "small"),)),
        Outside("f", "small"),
        Job("b", reads=(("f", "small"),)),
    ]
    assert evaluate(history, {"e": "small", "f": "small"}).origin[2, "f"] == "root"


def test_edit_and_restore_outside() -> None:
    history: History = [
        Job("a", writes=(Write("x", "c1"),)),
        Outside("x", "c2"),
        Job("b", reads=(("x", "c2"),)),
    ]
    assert evaluate(history, {"x": "c2"}).origin[2, "x"] == "changed-outside"
    history = [
        Job("a", writes=(Write("x", "c1"),)),
        Job("a", writes=(Write("x", "c2"),)),
        Outside("x", "c1"),
        Job("b", reads=(("x", "c1"),)),
    ]
    answer = evaluate(history, {"x": "c1"})
    assert answer.origin[3, "x"] == "copy"
    assert answer.producer[3, "x"] == 0


def test_deleting_is_not_changing() -> None:
    history: History = [
        Job("train", writes=(Write("k1", "c1"),)),
        Job("eval", reads=(("k1", "c1"),)),
        Job("train", writes=(Write("k2", "c2"),), removes=("k1",)),
    ]
    assert evaluate(history, {"k2": "c2"}).state[1] == "active"


def test_output_taken_over_by_another_step() -> None:
    answer = evaluate(
        [Job("a.py", writes=(Write("out.txt", "c1"),)), Job("b.py", writes=(Write("out.txt", "c2"),))],
        {"out.txt": "c2"},
    )
    assert answer.state == {0: "superseded", 1: "active"}
    assert answer.shown == {1}


def test_builds_and_runs_are_counted_apart() -> None:
    answer = evaluate(
        [
            Job("make", kind="build", writes=(Write("lib", "c1"),)),
            Job("t.py", reads=(("lib", "c1"),), writes=(Write("o", "c2"),)),
            Job("t.py", writes=(Write("o", "c3"),), rerun=1),
        ],
        {"lib": "c1", "o": "c3"},
    )
    assert answer.state == {0: "active", 1: "superseded", 2: "active"}


def test_input_edited_and_put_back_after_it_was_read() -> None:
    history: History = [
        Job("gen", writes=(Write("d", "c1"),)),
        Outside("d", "c2"),
        Job("fit", reads=(("d", "c2"),), writes=(Write("m", "c3"),)),
    ]
    assert evaluate(history, {"d": "c2", "m": "c3"}).state[2] == "active"
    assert evaluate(history, {"d": "c1", "m": "c3"}).state[2] == "stale"
