"""Many files that are one artifact to the eye, while every edge stays between a job and a file."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from blake3 import blake3
from pipeline import LARGE, Pipeline, edges

ZARR = "mkdir -p s.zarr/0; echo '{}' > s.zarr/zarr.json; for i in 1 2 3 4; do echo $i > s.zarr/0/$i; done"


def composites(job: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["path"]: each for each in job["composites"]}


def tree_digest(files: dict[str, str]) -> str:
    """As others compute it: docs/lineage.md."""
    lines = b"".join(
        path.encode() + b"\0" + digest.encode() + b"\n" for path, digest in sorted(files.items())
    )
    return "blake3-tree:" + blake3(b"roar:blake3-tree:v1\n" + lines).hexdigest()


def test_store_is_one_and_its_digest_is_that_of_its_files(pipeline: Pipeline) -> None:
    pipeline.shell(f"{ZARR}; echo x > s.zarr/README.md; echo y > other.txt")
    job = pipeline.last()
    made = composites(job)["s.zarr"]
    files = {
        path.removeprefix("s.zarr/"): edge["digest"]
        for path, edge in edges(job, "outputs").items()
        if path.startswith("s.zarr/") and not path.endswith("README.md")
    }
    assert (made["format"], made["files"], made["direction"]) == ("zarr", 5, "output")
    assert made["digest"] == tree_digest(files)
    assert len(job["outputs"]) == 7  # the edges stay what they are


def test_reader_of_a_part_reads_the_whole_that_was_left(pipeline: Pipeline) -> None:
    pipeline.shell(ZARR)
    pipeline.shell("cat s.zarr/zarr.json s.zarr/0/2")
    make, read = (pipeline.job(job["uid"]) for job in pipeline.log())
    found = composites(read)["s.zarr"]
    assert found["digest"] == composites(make)["s.zarr"]["digest"]
    assert (found["direction"], found["files"], found["of_files"]) == ("input", 2, 5)
    artifact = pipeline.json("show", "s.zarr")
    assert (artifact["produced_by"], artifact["used_by"]) == ([make["uid"]], [read["uid"]])
    assert "2 files of 5" in pipeline.roar("show", read["uid"]).stdout


def test_second_reader_of_the_same_files_reads_the_same_composite(pipeline: Pipeline) -> None:
    pipeline.outside(ZARR)
    for _ in range(2):
        pipeline.shell("cat s.zarr/zarr.json s.zarr/0/*")
    first, second = (pipeline.job(job["uid"]) for job in pipeline.log())
    assert composites(second) == composites(first)
    assert composites(second)["s.zarr"]["files"] == 5
    pipeline.outside("echo changed > s.zarr/0/2")
    pipeline.shell("cat s.zarr/zarr.json s.zarr/0/*")
    assert composites(pipeline.last())["s.zarr"]["digest"] != composites(first)["s.zarr"]["digest"]


def test_reader_of_a_part_reads_the_newest_whole_when_another_part_has_changed(pipeline: Pipeline) -> None:
    part = "cat s.zarr/zarr.json s.zarr/0/2"
    for command in (ZARR, part, f"{ZARR}; echo new > s.zarr/0/4", part):
        pipeline.shell(command)
    _, early, newer, late = (pipeline.job(job["uid"]) for job in pipeline.log())
    assert composites(late)["s.zarr"]["digest"] == composites(newer)["s.zarr"]["digest"]
    assert composites(late)["s.zarr"]["digest"] != composites(early)["s.zarr"]["digest"]


def test_files_are_folded_by_the_threshold_of_now_when_they_were_folded_by_another(
    pipeline: Pipeline,
) -> None:
    pipeline.outside("mkdir d; for i in a b c d e f g; do echo $i > d/$i; done")
    found = []
    for threshold in ("5", "8", "5", "5"):
        pipeline.roar("config", "set", "composite.threshold", threshold)
        pipeline.shell("cat d/*")
        found.append(sorted(composites(pipeline.last())))
    assert found == [["d"], [], ["d"], ["d"]]


def test_reader_of_a_store_that_has_changed_reads_another(pipeline: Pipeline) -> None:
    pipeline.shell(ZARR)
    pipeline.outside("echo changed > s.zarr/0/2")
    pipeline.shell("cat s.zarr/zarr.json s.zarr/0/2")
    make, read = (pipeline.job(job["uid"]) for job in pipeline.log())
    assert composites(read)["s.zarr"]["digest"] != composites(make)["s.zarr"]["digest"]


def test_same_files_are_the_same_composite_wherever_they_lie(pipeline: Pipeline) -> None:
    pipeline.shell(ZARR)
    pipeline.shell("cp -r s.zarr t.zarr")
    first, second = (pipeline.job(job["uid"]) for job in pipeline.log())
    assert composites(second)["t.zarr"]["digest"] == composites(first)["s.zarr"]["digest"]
    assert pipeline.json("show", "t.zarr")["paths"] == ["s.zarr", "t.zarr"]


def test_file_knows_what_it_is_part_of_and_composite_of_what_it_consists(pipeline: Pipeline) -> None:
    pipeline.shell(ZARR)
    digest = composites(pipeline.last())["s.zarr"]["digest"]
    assert pipeline.json("show", "s.zarr/0/3")["part_of"] == [digest]
    assert digest in pipeline.roar("show", "s.zarr/0/3").stdout
    shown = pipeline.json("show", digest[: len("blake3-tree:") + 12])
    assert (shown["kind"], shown["format"], shown["components"], shown["files"]) == (
        "composite",
        "zarr",
        5,
        5,
    )
    assert "0/3" in pipeline.roar("show", "s.zarr").stdout


def test_large_folder_holds_a_store_as_one_of_its_components(pipeline: Pipeline) -> None:
    pipeline.roar("config", "set", "composite.threshold", "20")
    pipeline.shell(
        "mkdir -p set/s.zarr; for i in a b c d e f g h i j k l m n o p q r s t; do echo $i > set/$i; done;"
        " echo '{}' > set/s.zarr/zarr.json; echo 1 > set/s.zarr/0"
    )
    job = pipeline.last()
    outer = composites(job)["set"]
    inner = pipeline.json("show", "set/s.zarr")
    assert list(composites(job)) == ["set"]  # what lies in another is not listed beside it
    assert (outer["format"], outer["files"]) == ("directory", 22)
    assert pipeline.json("show", "set")["components"] == 21
    assert inner["part_of"] == [outer["digest"]]
    files = {
        path.removeprefix("set/"): edge["digest"]
        for path, edge in edges(job, "outputs").items()
        if not path.startswith("set/s.zarr/")
    }
    assert outer["digest"] == tree_digest({**files, "s.zarr": inner["digest"]})


def test_shards_beside_other_files_are_one_by_their_pattern(pipeline: Pipeline) -> None:
    pipeline.shell("for i in 0 1 2; do echo $i > web-00000$i.tar; done; echo > index.json")
    made = composites(pipeline.last())["web-*.tar"]
    assert (made["format"], made["files"]) == ("webdataset", 3)


def test_forty_shards_are_one_on_both_sides(pipeline: Pipeline) -> None:
    pipeline.shell("mkdir shards; for i in $(seq 40); do echo $i > shards/$i.txt; done")
    pipeline.shell("cat shards/*.txt > all.txt")
    make, read = (pipeline.job(job["uid"]) for job in pipeline.log())
    assert composites(make)["shards"]["digest"] == composites(read)["shards"]["digest"]
    assert {edge["producer"] for edge in read["inputs"]} == {make["uid"]}


def test_code_is_not_folded(pipeline: Pipeline) -> None:
    pipeline.outside("mkdir src; for i in $(seq 40); do echo : > src/$i.sh; done")
    pipeline.shell("for i in $(seq 40); do . ./src/$i.sh; done")
    assert composites(pipeline.last()) == {}


def test_composite_can_be_labelled(pipeline: Pipeline) -> None:
    pipeline.shell(ZARR)
    pipeline.roar("label", "set", "s.zarr", "split=train")
    assert pipeline.json("show", "s.zarr")["labels"] == {"split": "train"}


def test_undone_job_leaves_no_composite_behind(pipeline: Pipeline) -> None:
    pipeline.shell("true")
    pipeline.shell(ZARR)
    digest = composites(pipeline.last())["s.zarr"]["digest"]
    pipeline.roar("pop", "-y")
    assert "no job, content or file" in pipeline.roar("show", "s.zarr", status=1).stderr
    assert "no artifact with this digest" in pipeline.roar("show", digest, status=1).stderr


def test_digests_that_were_put_off_are_folded_once_they_are_known(pipeline: Pipeline) -> None:
    pipeline.environment["ROAR_RUN__DIGEST_SECONDS"] = "0"
    pipeline.shell(ZARR)
    del pipeline.environment["ROAR_RUN__DIGEST_SECONDS"]
    assert composites(pipeline.last())["s.zarr"]["files"] == 5


def test_names_that_are_not_utf8_are_left_to_the_edges(pipeline: Pipeline) -> None:
    pipeline.shell(f"{ZARR}; echo > s.zarr/0/$(printf 'caf\\351')")
    job = pipeline.last()
    assert len(job["outputs"]) == 6
    assert composites(job) == {}


@pytest.mark.parametrize("threshold", ["0", "-5", "1"])
def test_odd_threshold_does_no_harm(pipeline: Pipeline, threshold: str) -> None:
    pipeline.environment["ROAR_COMPOSITE__THRESHOLD"] = threshold
    pipeline.shell("mkdir d; echo a > d/a; echo b > d/b; echo c > c")
    assert composites(pipeline.last())["d"]["files"] == 2


def test_dag_is_the_same_as_without_composites(pipeline: Pipeline) -> None:
    pipeline.shell(ZARR)
    pipeline.shell("cat s.zarr/0/* > all.txt")
    pipeline.shell(f"printf '{LARGE.strip()}' > s.zarr/0/1")
    assert pipeline.states() == {"@1": "active", "@2": "stale", "@3": "active"}


def test_database_stays_sound(pipeline: Pipeline) -> None:
    pipeline.shell(ZARR)
    pipeline.shell("cat s.zarr/zarr.json s.zarr/0/2")
    assert pipeline.json("db", "--check")["sound"] is True
    with sqlite3.connect(pipeline.root / ".roar/roar.db") as database:
        assert database.execute("SELECT count(*) FROM composite").fetchone() == (1,)
    database.close()


def test_dag_shows_composites_as_one(pipeline: Pipeline) -> None:
    pipeline.shell(
        "mkdir d; for i in 0 1 2 3 4 5; do echo $i > d/part-0000$i.parquet; done; echo x > d/other; echo y > top"
    )
    pipeline.shell("cat d/part-* > all")
    lines = [line.split() for line in pipeline.roar("dag", "--show-artifacts").stdout.splitlines()]
    for expected in (
        ["→", "d/part-*.parquet", "parquet,", "6", "files"],
        ["→", "d/other"],
        ["→", "top"],
        ["←", "d", "parquet,", "6", "files"],
        ["→", "all"],
    ):
        assert expected in lines
    assert not [line for line in lines if "part-00000.parquet" in " ".join(line)]
