"""LINEAGE worked cases 8, 10–12, 18–21: the world around the jobs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pipeline import LARGE, Pipeline, edges

MAKEFILE = """\
all: b.txt
a.txt: in.txt
\t{roar} sh -c 'cat in.txt > a.txt'
b.txt: a.txt
\t{roar} sh -c 'cat a.txt a.txt > b.txt'
\techo done > made.txt
"""


def wait_for(path: Path) -> None:
    """Waits until a job has made `path`; the test's own time limit ends a job that never does."""
    while not path.exists():
        time.sleep(0.01)


def test_case_8_hand_edit_is_changed_outside_with_both_digests(pipeline: Pipeline) -> None:
    pipeline.shell("yes | head -50 > d.csv")
    made = edges(pipeline.last(), "outputs")["d.csv"]["digest"]
    pipeline.outside("echo edited >> d.csv")
    pipeline.shell("wc d.csv > n.txt")
    edge = edges(pipeline.last(), "inputs")["d.csv"]
    assert edge["origin"] == "changed-outside"
    assert edge["digest"] != made
    assert edge["previous"] == made


@pytest.mark.parametrize("move", ["cp model.pt best.pt", "mv model.pt best.pt"])
def test_case_8_copy_made_outside_has_a_known_maker(pipeline: Pipeline, move: str) -> None:
    pipeline.shell("yes | head -50 > model.pt")
    train = pipeline.last()
    pipeline.outside(move)
    pipeline.shell("wc best.pt > n.txt")
    edge = edges(pipeline.last(), "inputs")["best.pt"]
    assert (edge["origin"], edge["producer"]) == ("copy", train["uid"])


def test_case_10_two_runs_at_once(pipeline: Pipeline) -> None:
    jobs = [pipeline.start("sh", "-c", f"echo {i} > {i}.out; sleep 0.2") for i in range(4)]
    assert [job.wait() for job in jobs] == [0] * 4
    log = pipeline.log()
    assert len(log) == 4
    assert len({job["step"] for job in log}) == 4
    for job in log:
        assert len(pipeline.job(job["uid"])["outputs"]) == 1


def test_case_10_reader_of_a_checkpoint_of_a_running_job(pipeline: Pipeline) -> None:
    train = pipeline.start(
        "sh", "-c", "yes | head -50 > ckpt_1.pt; while [ ! -e go ]; do sleep 0.02; done; echo end > ckpt_2.pt"
    )
    wait_for(pipeline.root / "ckpt_1.pt")
    time.sleep(0.1)
    pipeline.shell("wc ckpt_1.pt > score.txt")
    pipeline.outside("touch go")
    assert train.wait() == 0
    jobs = {
        "ckpt_1.pt" in str(job["command"][-1]) and "wc" in job["command"][-1]: job["uid"]
        for job in pipeline.log()
    }
    edge = edges(pipeline.job(jobs[True]), "inputs")["ckpt_1.pt"]
    assert (edge["origin"], edge["producer"]) == ("job", jobs[False])


def test_case_11_input_that_is_read_and_deleted(pipeline: Pipeline) -> None:
    pipeline.write("in.txt", LARGE)
    pipeline.shell("cat in.txt > tmp; rm in.txt; mv tmp out")
    job = pipeline.last()
    assert list(edges(job, "inputs")) == ["in.txt"]
    assert edges(job, "inputs")["in.txt"]["digest"] == edges(job, "outputs")["out"]["digest"]
    assert list(edges(job, "outputs")) == ["out"]


def test_case_11_mv_reads_the_old_name_and_writes_the_new(pipeline: Pipeline) -> None:
    pipeline.write("a", LARGE)
    pipeline.run("mv", "a", "b")
    job = pipeline.last()
    assert list(edges(job, "inputs")) == ["a"]
    assert list(edges(job, "outputs")) == ["b"]
    assert edges(job, "inputs")["a"]["digest"] == edges(job, "outputs")["b"]["digest"] is not None


def test_case_11_checkpoint_rotation(pipeline: Pipeline) -> None:
    pipeline.shell("echo first > ckpt")
    first = edges(pipeline.last(), "outputs")["ckpt"]["digest"]
    pipeline.shell("mv ckpt ckpt_prev; echo second > ckpt")
    job = pipeline.last()
    assert edges(job, "inputs")["ckpt"]["digest"] == first
    assert edges(job, "outputs")["ckpt_prev"]["digest"] == first
    assert edges(job, "outputs")["ckpt"]["digest"] != first


@pytest.mark.parametrize(
    "rewrite",
    [
        "cp -p d.csv ref; tr a b < ref > new; touch -r ref new; cp -p new d.csv",
        "cp -p d.csv ref; tr a b < ref > d.csv; touch -r ref d.csv",
        "cp -p d.csv ref; mkdir t; tr a b < ref > t/d.csv; touch -r ref t/d.csv; tar -C t -c d.csv | tar x",
    ],
    ids=["cp", "touch", "tar"],
)
def test_case_12_same_size_and_time_but_other_bytes(pipeline: Pipeline, rewrite: str) -> None:
    pipeline.write("d.csv", "a" * 100)
    pipeline.shell("cat d.csv > one.txt")
    before = edges(pipeline.last(), "inputs")["d.csv"]["digest"]
    pipeline.outside(rewrite)
    pipeline.shell("cat d.csv > two.txt")
    after = edges(pipeline.last(), "inputs")["d.csv"]["digest"]
    assert after != before
    assert after == edges(pipeline.last(), "outputs")["two.txt"]["digest"]


def test_case_18_failing_job_is_recorded_with_what_it_wrote(pipeline: Pipeline) -> None:
    pipeline.shell("echo half > x.csv; exit 3", status=3)
    job = pipeline.last()
    assert (job["status"], job["exit_code"]) == ("failed", 3)
    assert list(edges(job, "outputs")) == ["x.csv"]


def test_case_18_killed_job_is_recorded(pipeline: Pipeline) -> None:
    done = pipeline.roar("run", "-q", "sh", "-c", "echo half > x.csv; kill -9 $$", status=None)
    assert done.returncode == -signal.SIGKILL
    job = pipeline.last()
    assert (job["status"], job["signal"]) == ("signalled", 9)
    assert list(edges(job, "outputs")) == ["x.csv"]


def test_case_18_timed_out_job_is_recorded(pipeline: Pipeline) -> None:
    command = [
        "timeout",
        "3",
        sys.executable,
        "-m",
        "roar_core",
        "run",
        "-q",
        "sh",
        "-c",
        "echo half > x.csv; exec sleep 60",
    ]
    assert subprocess.run(command, cwd=pipeline.root, env=pipeline.environment).returncode == 124
    job = pipeline.last()
    assert (job["status"], job["signal"]) == ("signalled", 15)
    assert list(edges(job, "outputs")) == ["x.csv"]


def test_case_18_job_whose_roar_was_killed_is_recorded(pipeline: Pipeline) -> None:
    roar = pipeline.start("sh", "-c", "echo half > x.csv; touch started; sleep 60")
    wait_for(pipeline.root / "started")
    roar.kill()
    roar.wait()
    deadline = time.monotonic() + 30
    while not pipeline.log() and time.monotonic() < deadline:
        time.sleep(0.05)
    job = pipeline.last()
    assert job["status"] == "interrupted"
    assert set(edges(job, "outputs")) == {"x.csv", "started"}


@pytest.mark.parametrize("place", ["/tmp", "/opt", "/dev/shm", "/usr/local"])
def test_case_19_a_project_anywhere_records_its_own_files(pipeline: Pipeline, place: str) -> None:
    if not os.access(place, os.W_OK):
        pytest.skip(f"needs a user who may write to {place}")
    root = Path(subprocess.check_output(["mktemp", "-d", f"{place}/roar-case.XXXXXX"], text=True).strip())
    try:
        there = Pipeline(root, pipeline.environment["ROAR_TRACER__DEFAULT"])
        there.write("in.txt", LARGE)
        there.shell("cat in.txt > out.txt")
        assert list(edges(there.last(), "inputs")) == ["in.txt"]
        assert list(edges(there.last(), "outputs")) == ["out.txt"]
    finally:
        subprocess.run(["rm", "-rf", str(root)], check=True)


def test_case_19_a_link_in_the_project_is_data(pipeline: Pipeline, tmp_path: Path) -> None:
    for version in ("v1", "v2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "t.csv").write_text(LARGE + version)
    link = pipeline.root / "data"
    link.symlink_to(tmp_path / "v1")
    pipeline.shell("cat data/t.csv > n.txt")
    first = pipeline.last()
    link.unlink()
    link.symlink_to(tmp_path / "v2")
    pipeline.shell("cat data/t.csv > n.txt")
    second = pipeline.last()
    (one,), (two,) = first["inputs"], second["inputs"]
    assert one["digest"] is not None
    assert one["digest"] != two["digest"]


def test_case_20_environments_in_the_project_are_not_inputs(pipeline: Pipeline) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=pipeline.root, check=True)
    site = next((pipeline.root / ".venv/lib").glob("python*/site-packages"))
    (site / "thing").mkdir()
    (site / "thing/__init__.py").write_text("answer = 42\n")
    (site / "thing-1.5.dist-info").mkdir()
    (site / "thing-1.5.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.5\n")
    (site / "thing-1.5.dist-info/RECORD").write_text("thing/__init__.py,,\nthing-1.5.dist-info/METADATA,,\n")
    pipeline.write("node_modules/left/index.js", "x")
    pipeline.run(
        ".venv/bin/python",
        "-c",
        "import thing; open('out', 'w').write(str(thing.answer)); open('node_modules/left/index.js').read()",
    )
    job = pipeline.last()
    assert job["inputs"] == []
    assert list(edges(job, "outputs")) == ["out"]
    assert [(p["name"], p["version"]) for p in job["packages"]] == [("thing", "1.5")]


def test_case_21_make_whose_rules_call_roar(pipeline: Pipeline) -> None:
    roar = f"{sys.executable} -m roar_core run -q"
    pipeline.write("Makefile", MAKEFILE.format(roar=roar))
    pipeline.write("in.txt", LARGE)
    pipeline.run("make", "-s")
    jobs = {
        job["command"][0]: pipeline.job(job["uid"]) for job in pipeline.log() if job["command"][0] == "make"
    }
    make = jobs["make"]
    first, second = (pipeline.job(job["uid"]) for job in pipeline.log() if job["command"][0] == "sh")
    assert list(edges(first, "inputs")) == ["in.txt"]
    assert list(edges(first, "outputs")) == ["a.txt"]
    assert list(edges(second, "inputs")) == ["a.txt"]
    assert list(edges(second, "outputs")) == ["b.txt"]
    assert list(edges(make, "outputs")) == ["made.txt"]
    assert {first["parent"], second["parent"]} == {make["uid"]}
    assert edges(second, "inputs")["a.txt"]["producer"] == first["uid"]
    assert not any(package["name"] == "roar-core" for package in make["packages"])
