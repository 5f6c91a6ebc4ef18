"""LINEAGE worked case 17: the last job undone."""

from __future__ import annotations

import shlex

import pytest
from pipeline import LARGE, ROAR, Pipeline

CLEAN = "f = open('d.csv', 'r+')\nt = f.read()\nf.seek(0)\nf.write(t.replace('a', 'b', 1))\n"


@pytest.fixture
def cleaned(pipeline: Pipeline) -> Pipeline:
    """Case 2 up to `clean`, which rewrites in place what `gen` wrote."""
    pipeline.write("clean.py", CLEAN)
    pipeline.shell("yes a | head -100 > d.csv")
    return pipeline


def steps(pipeline: Pipeline) -> list[str]:
    return [job["step"] for job in pipeline.log()]


def test_case_17_what_the_job_changed_is_put_back_if_its_bytes_were_kept(cleaned: Pipeline) -> None:
    if cleaned.environment["ROAR_TRACER__DEFAULT"] == "ebpf":
        pytest.skip(
            "this tracer stops nothing, so it can't keep the bytes that a job overwrites: use another"
        )
    before = (cleaned.root / "d.csv").read_bytes()
    cleaned.environment["ROAR_TRACER__KEEP_BYTES"] = "true"
    cleaned.run("python3", "clean.py")
    assert (cleaned.root / "d.csv").read_bytes() != before
    done = cleaned.roar("pop", "-y")
    assert "1 file put back" in done.stdout
    assert (cleaned.root / "d.csv").read_bytes() == before
    assert steps(cleaned) == ["@1"]
    assert cleaned.states() == {"@1": "active"}


def test_case_17_what_the_job_changed_is_left_and_said_where_nothing_was_kept(cleaned: Pipeline) -> None:
    cleaned.run("python3", "clean.py")
    changed = (cleaned.root / "d.csv").read_bytes()
    done = cleaned.roar("pop", "-y")
    assert "leave  d.csv: was there before, and its bytes were not kept" in done.stdout
    assert (cleaned.root / "d.csv").read_bytes() == changed
    assert steps(cleaned) == ["@1"]


def test_case_17_what_the_job_made_is_deleted(pipeline: Pipeline) -> None:
    pipeline.shell("mkdir out; echo a > out/a; echo b > out/b; cat out/a")
    pipeline.roar("pop", "-y")
    assert not (pipeline.root / "out/a").exists()
    assert not (pipeline.root / "out/b").exists()
    assert pipeline.log() == []


def test_case_17_what_has_changed_since_is_not_deleted(pipeline: Pipeline) -> None:
    pipeline.shell("echo a > a; echo b > b")
    pipeline.outside("echo mine >> a")
    done = pipeline.roar("pop", "-y")
    assert "a: changed since" in done.stdout
    assert (pipeline.root / "a").read_text() == "a\nmine\n"
    assert not (pipeline.root / "b").exists()


def test_case_17_what_is_gone_already_is_no_trouble(pipeline: Pipeline) -> None:
    pipeline.shell("echo a > a")
    pipeline.outside("rm a")
    assert pipeline.roar("pop", "-y").stdout.splitlines()[-1].startswith("undone: @1")


def test_file_that_was_moved_goes_back_where_it_was(pipeline: Pipeline) -> None:
    pipeline.write("only.csv", LARGE)
    pipeline.run("mv", "only.csv", "renamed.csv")
    pipeline.roar("pop", "-y")
    assert (pipeline.root / "only.csv").read_text() == LARGE
    assert not (pipeline.root / "renamed.csv").exists()


def test_copy_of_something_lost_since_is_not_deleted(pipeline: Pipeline) -> None:
    pipeline.write("data.csv", LARGE)
    pipeline.run("cp", "data.csv", "copy.csv")
    pipeline.outside("echo other > data.csv")
    done = pipeline.roar("pop", "-y")
    assert "holds what the job read, which is nowhere else" in done.stdout
    assert (pipeline.root / "copy.csv").read_text() == LARGE


def test_file_that_the_job_read_and_removed_is_put_back(pipeline: Pipeline) -> None:
    pipeline.environment["ROAR_TRACER__KEEP_BYTES"] = "true"
    pipeline.write("in.txt", LARGE)
    pipeline.shell("wc -c in.txt > out.txt; rm in.txt")
    came_late = "not_held" in [gap["kind"] for gap in pipeline.last()["gaps"]]
    done = pipeline.roar("pop", "-y")
    if came_late:  # a tracer that stops nothing, on a busy machine
        assert "the job removed it, and its bytes were not kept" in done.stdout
        return
    assert (pipeline.root / "in.txt").read_text() == LARGE


def test_file_that_somebody_else_removed_is_not_put_back(pipeline: Pipeline) -> None:
    pipeline.write("in.txt", LARGE)
    pipeline.shell("wc -c in.txt > out.txt")
    pipeline.outside("rm in.txt")
    done = pipeline.roar("pop", "-y")
    assert "in.txt" not in done.stdout.replace("wc -c in.txt", "")
    assert not (pipeline.root / "in.txt").exists()


def test_damaged_bytes_are_not_put_back(cleaned: Pipeline) -> None:
    cleaned.environment["ROAR_TRACER__KEEP_BYTES"] = "true"
    before = (cleaned.root / "d.csv").read_bytes()
    cleaned.run("python3", "clean.py")
    for kept in (cleaned.root / ".roar/kept").iterdir():
        if kept.read_bytes() == before:
            kept.write_text("damaged")
    assert "its bytes were not kept" in cleaned.roar("pop", "-y").stdout


def test_mode_of_a_file_that_is_put_back_stays(cleaned: Pipeline) -> None:
    cleaned.environment["ROAR_TRACER__KEEP_BYTES"] = "true"
    (cleaned.root / "d.csv").chmod(0o640)
    cleaned.run("python3", "clean.py")
    cleaned.roar("pop", "-y")
    assert (cleaned.root / "d.csv").stat().st_mode & 0o777 == 0o640


def test_run_with_runs_inside_is_undone_as_one(pipeline: Pipeline) -> None:
    roar = shlex.join(ROAR)
    pipeline.write(
        "Makefile", f"all:\n\t{roar} run -q sh -c 'echo a > a'\n\t{roar} run -q sh -c 'cat a > b'\n"
    )
    pipeline.shell("true")
    pipeline.run("make")
    assert len(pipeline.log()) == 4
    pipeline.roar("pop", "-y")
    assert steps(pipeline) == ["@1"]
    assert sorted(path.name for path in pipeline.root.iterdir()) == [".roar", "Makefile"]


def test_job_is_gone_for_those_who_read_beside_it(pipeline: Pipeline) -> None:
    """A reader that was recorded before the writer had ended loses its maker."""
    pipeline.outside("mkfifo begun ready done")
    reader = pipeline.start("sh", "-c", "echo > begun; cat ready; cat shared.txt > copy.txt; cat done")
    pipeline.outside("cat begun")
    pipeline.shell(f"printf '{LARGE.strip()}' > shared.txt; echo > ready; : writer")
    pipeline.outside("echo > done")
    assert reader.wait() == 0
    writer = next(job for job in pipeline.log() if "writer" in " ".join(job["command"]))
    read = next(job for job in pipeline.log() if job is not writer and "copy" in " ".join(job["command"]))
    edge = next(edge for edge in pipeline.job(read["uid"])["inputs"] if edge["path"] == "shared.txt")
    assert edge["producer"] == writer["uid"]
    pipeline.roar("pop", "-y")
    edge = next(edge for edge in pipeline.job(read["uid"])["inputs"] if edge["path"] == "shared.txt")
    assert (edge["producer"], edge["origin"]) == (None, "root")


def test_nothing_is_undone_where_nobody_can_be_asked(pipeline: Pipeline) -> None:
    pipeline.shell("echo a > a")
    done = pipeline.roar("pop", status=2)
    assert "roar pop -y" in done.stderr
    assert (pipeline.root / "a").exists()
    assert steps(pipeline) == ["@1"]


def test_number_of_an_undone_step_is_given_again(pipeline: Pipeline) -> None:
    pipeline.shell("echo a > a")
    pipeline.shell("echo b > b")
    pipeline.roar("pop", "-y")
    pipeline.shell("echo c > c")
    assert steps(pipeline) == ["@1", "@2"]


def test_earlier_session_is_not_undone(pipeline: Pipeline) -> None:
    pipeline.shell("echo a > a")
    pipeline.roar("reset")
    assert "this session has no job to undo" in pipeline.roar("pop", "-y", status=1).stderr
    assert (pipeline.root / "a").exists()
