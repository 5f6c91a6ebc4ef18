"""Which files are one, by their names alone."""

from __future__ import annotations

import pytest
from roar_core.lineage.composites import Survey, shard_pattern


def groups(*paths: str, threshold: int = 1000) -> dict[str, str]:
    """Format by path of what is found."""
    survey = Survey()
    for path in paths:
        survey.add(path)
    return {group.path: group.format for group in survey.groups(threshold)}


def numbered(form: str, count: int) -> list[str]:
    return [form.format(number) for number in range(count)]


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["d/x.zarr/.zgroup", "d/x.zarr/a/.zarray", "d/x.zarr/a/0.0"], {"d/x.zarr": "zarr"}),
        (["d/x/zarr.json", "d/x/a/zarr.json", "d/x/a/c/0"], {"d/x": "zarr"}),
        (["t.lance/_versions/1.manifest", "t.lance/data/a.lance"], {"t.lance": "lance"}),
        (["r/meta/info.json", "r/data/chunk-000/episode_000000.parquet"], {"r": "lerobot"}),
        (["r/meta/info.json", "r/videos/a.mp4"], {"r": "lerobot"}),
        (["m/1.0.0/dataset_info.json", "m/1.0.0/features.json", "m/1.0.0/m-train.tfrecord-00000-of-00001"],
         {"m/1.0.0": "tfds"}),
        (numbered("w/s-{:06}.tar", 3), {"w": "webdataset"}),
        ([*numbered("w/s-{:06}.tar", 3), "w/index.json"], {"w/s-*.tar": "webdataset"}),
        (numbered("p/train-{:05}-of-00002.parquet", 2), {"p": "parquet"}),
        (numbered("p/part-{:05}-4f2a.c000.snappy.parquet", 2), {"p": "parquet"}),
        (["h/year=1/a.parquet", "h/year=2/month=3/b.parquet"], {"h": "parquet"}),
        (numbered("shards/{}.txt", 40), {"shards": "shards"}),
        (numbered("{:05}.jsonl", 4), {"*.jsonl": "shards"}),
        (numbered("imgs/cat/{}.jpg", 15) + numbered("imgs/dog/{}.png", 15) + ["imgs/labels.csv"],
         {"imgs": "images"}),
        (numbered("/mnt/set/imgs/{}.jpg", 20), {"/mnt/set/imgs": "images"}),
    ],
)  # fmt: skip
def test_form_is_recognised(paths: list[str], found: dict[str, str]) -> None:
    assert groups(*paths) == found


@pytest.mark.parametrize(
    "paths",
    [
        ["a.txt", "b.txt", "c.txt"],
        ["r_100.txt", "r_200.txt"],
        ["ckpt_1.pt", "ckpt_2.pt", "ckpt_3.pt"],
        ["model-0001.pt", "model-0002.pt"],
        ["meta/info.json", "a.txt"],
        ["r/meta/info.json", "r/notes.txt"],
        ["d/dataset_info.json", "d/a.txt"],
        numbered("imgs/{}.jpg", 19),
        numbered("{}.jpg", 30),
        ["/zarr.json", "/x"],
        ["zarr.json", "x"],
    ],
    ids=lambda paths: paths[0],
)
def test_what_is_not_one_stays_files(paths: list[str]) -> None:
    assert groups(*paths) == {}


def test_folder_of_many_files_is_one() -> None:
    letters = [f"out/deep/{a}{b}" for a in "abcdefghij" for b in "abcdefghij"]
    assert groups(*letters, threshold=100) == {"out/deep": "directory"}
    assert groups(*letters, "out/log", threshold=100) == {"out/deep": "directory"}
    assert groups(*letters, threshold=101) == {}


def test_folders_that_share_their_files_evenly_are_one_by_their_parent() -> None:
    paths = [f"set/{half}/{a}{b}" for half in ("train", "test") for a in "abcdefghij" for b in "abcdefghij"]
    assert groups(*paths, threshold=100) == {"set": "directory"}


def test_project_itself_is_never_one() -> None:
    paths = [f"{top}/{a}{b}" for top in ("one", "two") for a in "abcdefghij" for b in "abcdefghij"]
    assert groups(*paths, threshold=100) == {"one": "directory", "two": "directory"}
    assert groups(*(f"{a}{b}" for a in "abcdefghij" for b in "abcdefghij"), threshold=100) == {}


def test_inner_composites_come_before_the_one_that_they_lie_in() -> None:
    survey = Survey()
    for path in [f"set/{a}{b}" for a in "abcdefghij" for b in "abcdefghij"] + [
        "set/x.zarr/.zgroup",
        "set/x.zarr/0",
    ]:
        survey.add(path)
    assert [(group.path, group.format) for group in survey.groups(100)] == [
        ("set/x.zarr", "zarr"),
        ("set", "directory"),
    ]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("train-00000-of-00010.parquet", ("train-*-of-00010.parquet", True)),
        ("x.tfrecord-00001-of-00004", ("x.tfrecord-*-of-00004", True)),
        ("part-00003", ("part-*", True)),
        ("s-000001.tar", ("s-*.tar", True)),
        ("s-1.tar", ("s-*.tar", False)),
        ("song1.mp3", ("song*.mp3", False)),
        ("a.txt", (None, False)),
        ("song.mp3", (None, False)),
        (".5", (".*", False)),
    ],
)
def test_number_of_a_shard(name: str, pattern: tuple[str | None, bool]) -> None:
    assert shard_pattern(name) == pattern
