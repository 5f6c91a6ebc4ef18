"""Code that git does not have, kept so that a run can be repeated; nothing that may hold secrets."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from pipeline import Pipeline, edges


@pytest.fixture
def repository(pipeline: Pipeline) -> Pipeline:
    """A repository with train.py committed, and helper.py that git knows nothing of."""
    pipeline.environment.update(
        GIT_CONFIG_GLOBAL="/dev/null", GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b",
        GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@b",
    )  # fmt: skip
    pipeline.write("train.py", "import helper\nprint(helper.VALUE)\n")
    git(pipeline, "init", "-q", "-b", "main")
    git(pipeline, "add", "train.py")
    git(pipeline, "commit", "-q", "-m", "first")
    pipeline.write("helper.py", "VALUE = 1\n")
    return pipeline


def git(pipeline: Pipeline, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=pipeline.root, env=pipeline.environment, check=True)


def kept(pipeline: Pipeline) -> dict[str, bytes]:
    folder = pipeline.root / ".roar/kept"
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def digest_of(pipeline: Pipeline, path: str) -> str:
    digest: str = edges(pipeline.last(), "code")[path]["digest"]
    return digest.removeprefix("blake3:")


def obstacles(pipeline: Pipeline) -> dict[str, list[str]]:
    return {each["kind"]: each["paths"] for each in pipeline.json("status")["obstacles"]}


def test_untracked_code_is_kept_by_its_content_and_tracked_code_is_not(repository: Pipeline) -> None:
    repository.run("python3", "train.py")
    assert kept(repository) == {digest_of(repository, "helper.py"): b"VALUE = 1\n"}


def test_each_version_is_kept_once(repository: Pipeline) -> None:
    for value in (1, 1, 2):
        repository.write("helper.py", f"VALUE = {value}\n")
        repository.run("python3", "train.py")
    assert sorted(kept(repository).values()) == [b"VALUE = 1\n", b"VALUE = 2\n"]


def test_code_is_kept_where_there_is_no_git(pipeline: Pipeline) -> None:
    pipeline.write("a.sh", "echo a > out\n")
    pipeline.run("sh", "a.sh")
    assert kept(pipeline) == {digest_of(pipeline, "a.sh"): b"echo a > out\n"}


def test_code_that_changes_while_the_job_runs_is_not_kept_as_what_it_was(pipeline: Pipeline) -> None:
    pipeline.write("a.sh", "echo other > b.sh\n: a\n")
    pipeline.write("b.sh", "echo b\n")
    pipeline.shell(". ./b.sh; . ./a.sh")
    job = pipeline.last()
    for name, data in kept(pipeline).items():
        assert data != b"other\n", (name, job)
    assert b"echo other > b.sh\n: a\n" in kept(pipeline).values()


def test_data_large_files_and_secrets_are_not_kept(pipeline: Pipeline) -> None:
    pipeline.write("in.csv", "1\n")
    pipeline.write("large.py", "#" * (1 << 20) + "\n")
    pipeline.write(".env", "TOKEN=hush\n")
    pipeline.write("a.sh", "cat in.csv large.py .env > /dev/null\n")
    pipeline.run("sh", "a.sh")
    assert list(kept(pipeline).values()) == [b"cat in.csv large.py .env > /dev/null\n"]


def test_nothing_is_kept_where_the_user_does_not_want_it(repository: Pipeline) -> None:
    repository.roar("config", "set", "capture.keep_code", "false")
    repository.run("python3", "train.py")
    assert kept(repository) == {}
    assert obstacles(repository)["code-lost"] == ["helper.py"]


def test_kept_code_is_not_collected_as_garbage_while_its_job_is_recorded(repository: Pipeline) -> None:
    repository.run("python3", "train.py")
    repository.roar("db", "gc", "-y")
    assert len(kept(repository)) == 1
    repository.roar("pop", "-y")
    repository.roar("db", "gc", "-y")
    assert kept(repository) == {}


def test_copy_that_is_half_written_is_never_seen(repository: Pipeline) -> None:
    """A full disk, or a folder that can't be written, costs the copy and not the record."""
    (repository.root / ".roar/kept").write_text("in the way")
    repository.run("python3", "train.py")
    assert len(repository.log()) == 1


def test_status_says_what_is_in_the_way_of_others(repository: Pipeline, tmp_path: Path) -> None:
    repository.write("raw.csv", "1\n")
    repository.write("train.py", "import helper\nopen('raw.csv').read()\n")
    repository.run("python3", "train.py")
    assert obstacles(repository) == {
        "dirty": [],
        "not-pushed": [],
        "code-not-in-git": ["helper.py"],
        "unsourced": ["raw.csv"],
    }
    text = repository.roar("status").stdout
    for words in ("dirty tree (the patch is kept)", "not on the remote `origin`", "helper.py", "raw.csv"):
        assert words in text
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    git(repository, "init", "-q", "--bare", str(tmp_path / "remote.git"))
    git(repository, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(repository, "push", "-q", "origin", "main")
    repository.run("python3", "train.py")
    assert obstacles(repository) == {}
    assert "ready" in repository.roar("status").stdout


def test_status_says_that_there_is_no_git(pipeline: Pipeline) -> None:
    assert pipeline.json("status")["obstacles"] == []
    pipeline.shell("true")
    assert obstacles(pipeline) == {"no-git": []}


def test_what_a_step_made_is_neither_unsourced_nor_lost(pipeline: Pipeline) -> None:
    pipeline.shell("echo 'cat data.csv' > made.sh; echo 1 > data.csv")
    pipeline.run("sh", "made.sh")
    assert obstacles(pipeline) == {"no-git": []}
