"""`roar filter`: what is left out for all who share a project."""

from __future__ import annotations

import stat

from pipeline import Pipeline, edges


def test_what_fits_a_pattern_is_not_recorded_from_then_on(pipeline: Pipeline) -> None:
    pipeline.roar("filter", "add", "logs/**", "*.tmp")
    pipeline.shell("mkdir logs; echo > logs/a; echo > x.tmp; echo > out")
    job = pipeline.last()
    assert set(edges(job, "outputs")) == {"out"}
    assert {drop["reason"]: drop["count"] for drop in job["dropped"]}["ignored"] == 2


def test_shared_patterns_hold_beside_the_users_own(pipeline: Pipeline) -> None:
    pipeline.roar("filter", "add", "*.a", "*.a")
    pipeline.roar("config", "set", "filters.ignore_paths", "*.b")
    assert pipeline.json("filter", "list") == [
        {"pattern": "*.a", "origin": "shared file"},
        {"pattern": "*.b", "origin": "project"},
    ]
    pipeline.shell("echo > x.a; echo > x.b; echo > x.c")
    assert set(edges(pipeline.last(), "outputs")) == {"x.c"}


def test_file_can_be_committed(pipeline: Pipeline) -> None:
    pipeline.write(".roarconfig", "# what nobody wants to see\n")
    (pipeline.root / ".roarconfig").chmod(0o664)
    pipeline.roar("filter", "add", "*.a")
    assert (pipeline.root / ".roarconfig").read_text().startswith("# what nobody wants to see\n")
    assert stat.S_IMODE((pipeline.root / ".roarconfig").stat().st_mode) == 0o664
    (pipeline.root / ".roarconfig").unlink()
    pipeline.roar("filter", "add", "*.a")
    assert stat.S_IMODE((pipeline.root / ".roarconfig").stat().st_mode) == 0o644


def test_pattern_that_was_removed_holds_no_more(pipeline: Pipeline) -> None:
    pipeline.roar("filter", "add", "*.a", "*.b")
    pipeline.roar("filter", "remove", "*.a")
    pipeline.shell("echo > x.a; echo > x.b")
    assert set(edges(pipeline.last(), "outputs")) == {"x.a"}


def test_credentials_stay_left_out_whatever_is_shared(pipeline: Pipeline) -> None:
    pipeline.roar("filter", "add", "!.env")
    pipeline.shell("echo > .env; echo > out")
    assert set(edges(pipeline.last(), "outputs")) == {"out"}
