"""A folder as one artifact on demand: what it is now, wherever its files come from."""

from __future__ import annotations

import pytest
from blake3 import blake3
from pipeline import Pipeline


def tree_digest(files: dict[str, bytes]) -> str:
    lines = b"".join(
        path.encode() + b"\0blake3:" + blake3(data).hexdigest().encode() + b"\n"
        for path, data in sorted(files.items())
    )
    return "blake3-tree:" + blake3(b"roar:blake3-tree:v1\n" + lines).hexdigest()


@pytest.fixture
def folder(pipeline: Pipeline) -> Pipeline:
    """Files that no job has met, some of which are left out."""
    for name, text in {"a.txt": "a", "sub/b.txt": "b", "README.md": "x", ".git/c": "c"}.items():
        pipeline.write(f"raw/{name}", text)
    return pipeline


def test_folder_is_labelled_as_what_it_is_now(folder: Pipeline) -> None:
    done = folder.roar("label", "set", "raw", "split=train")
    digest = tree_digest({"a.txt": b"a", "sub/b.txt": b"b"})
    assert done.stdout == digest + "\n"
    assert folder.json("label", "show", "raw") == {"split": "train"}
    shown = folder.json("show", digest)
    assert (shown["kind"], shown["format"], shown["components"], shown["size"]) == (
        "composite",
        "directory",
        2,
        2,
    )
    assert shown["labels"] == {"split": "train"}
    folder.write("raw/a.txt", "changed")
    assert folder.json("label", "show", "raw") == {}
    folder.write("raw/a.txt", "a")
    assert folder.json("label", "show", "raw/") == {"split": "train"}


def test_folder_is_the_composite_that_a_job_left(pipeline: Pipeline) -> None:
    pipeline.shell("mkdir s.zarr; echo '{}' > s.zarr/zarr.json; echo 1 > s.zarr/0")
    (made,) = pipeline.last()["composites"]
    assert pipeline.roar("label", "set", "s.zarr", "a=b").stdout == made["digest"] + "\n"
    assert pipeline.json("show", "s.zarr")["labels"] == {"a": "b"}


def test_store_in_a_folder_is_one_of_its_components(folder: Pipeline) -> None:
    folder.write("raw/s.zarr/zarr.json", "{}")
    folder.write("raw/s.zarr/0/0", "0")
    digest = folder.roar("label", "set", "raw", "a=b").stdout.strip()
    inner = tree_digest({"zarr.json": b"{}", "0/0": b"0"})
    shown = folder.roar("show", digest).stdout
    assert inner.partition(":")[2][:12] in shown
    assert folder.json("show", digest)["files"] == 4
    assert folder.json("show", digest)["components"] == 3


def test_looking_at_a_folder_writes_nothing(folder: Pipeline) -> None:
    folder.shell("true")
    assert folder.json("label", "show", "raw") == {}
    assert folder.json("label", "history", "raw") == []
    assert folder.json("db")["rows"]["artifact"] == 0


def test_links_inside_are_followed_and_links_that_lead_out_are_refused(folder: Pipeline) -> None:
    folder.outside("ln -s sub/b.txt raw/link; ln -s sub raw/also")
    done = folder.roar("label", "set", "raw", "a=b")
    assert done.stdout.strip() == tree_digest(
        {"a.txt": b"a", "sub/b.txt": b"b", "also/b.txt": b"b", "link": b"b"}
    )
    folder.outside("ln -s /etc raw/out")
    assert "link leads out of the folder" in folder.roar("label", "set", "raw", "a=b", status=2).stderr


@pytest.mark.parametrize(
    ("script", "target", "message"),
    [
        ("mkdir empty", "empty", "folder has no files: `empty`"),
        (":", ".", "project itself can't be one artifact"),
        ("ln -s . raw/round", "raw", "link leads round in a circle"),
        ("ln -s ../sub raw/sub/x", "raw", "link leads round in a circle"),
        ("ln -s nowhere raw/broken", "raw", "cannot read file: no such file or directory"),
    ],
)
def test_folder_that_cannot_be_an_artifact_is_refused(
    folder: Pipeline, script: str, target: str, message: str
) -> None:
    folder.outside(script)
    assert message in folder.roar("label", "set", target, "a=b", status=2).stderr
