"""LINEAGE worked cases 1–6 and 13: which job made what, and what is still true."""

from __future__ import annotations

from pipeline import LARGE, Pipeline, edges

RESUMED = """
import os
old = open("ckpt.pt").read() if os.path.exists("ckpt.pt") else ""
open("ckpt.pt", "w").write(old + "epoch\\n" * 20)
"""


def three_steps(pipeline: Pipeline) -> None:
    pipeline.write("raw.csv", LARGE)
    pipeline.script("prep.sh", "cat raw.csv raw.csv > data.csv")
    pipeline.script("train.sh", 'cat data.csv > model.pt; echo "$1" | tr 3 2 >> model.pt')
    pipeline.script("eval.sh", "wc -c < model.pt > score.txt; tail -1 model.pt >> score.txt")
    pipeline.run("./prep.sh")
    pipeline.run("./train.sh", "--lr=1")
    pipeline.run("./eval.sh")


def test_case_1_three_commands_are_a_chain_of_three_steps(pipeline: Pipeline) -> None:
    three_steps(pipeline)
    steps = {step["step"]: step for step in pipeline.dag()["steps"]}
    assert {name: step["depends_on"] for name, step in steps.items()} == {
        "@1": [],
        "@2": ["@1"],
        "@3": ["@2"],
    }
    assert {step["state"] for step in steps.values()} == {"active"}


def test_case_1_rerun_with_other_bytes_makes_the_reader_stale(pipeline: Pipeline) -> None:
    three_steps(pipeline)
    pipeline.run("./train.sh", "--lr=2")
    assert [job["step"] for job in pipeline.log()] == ["@1", "@2", "@3", "@2"]
    assert pipeline.states()["@3"] == "stale"
    dag = pipeline.dag()
    assert [step["step"] for step in dag["steps"]] == ["@1", "@2"]
    assert dag["hidden"]["stale"] == 1
    stale = next(step for step in pipeline.dag("--expanded")["steps"] if step["step"] == "@3")
    assert any("model.pt" in str(reason) for reason in stale["reasons"])


def test_case_1_rerun_with_equal_bytes_keeps_the_reader_active(pipeline: Pipeline) -> None:
    three_steps(pipeline)
    pipeline.run("./train.sh", "--lr=2")
    pipeline.run("./eval.sh")
    pipeline.run("./train.sh", "--lr=3")  # the script writes a 2 for a 3
    assert pipeline.states() == {"@1": "active", "@2": "active", "@3": "active"}


def test_case_2_in_place_rewrite_is_a_chain_of_three(pipeline: Pipeline) -> None:
    pipeline.write(
        "clean.py", "f = open('d.csv', 'r+')\nt = f.read()\nf.seek(0)\nf.write(t.replace('a', 'b', 1))\n"
    )
    pipeline.shell("yes a | head -100 > d.csv")
    pipeline.run("python3", "clean.py")
    pipeline.shell("wc d.csv > fit.txt")
    gen, clean, fit = (pipeline.job(job["uid"]) for job in pipeline.log())
    assert edges(clean, "inputs")["d.csv"]["digest"] == edges(gen, "outputs")["d.csv"]["digest"]
    assert edges(clean, "inputs")["d.csv"]["producer"] == gen["uid"]
    assert edges(fit, "inputs")["d.csv"]["producer"] == clean["uid"]
    assert edges(clean, "outputs")["d.csv"]["created"] is False
    assert pipeline.states() == {"@1": "active", "@2": "active", "@3": "active"}


def test_case_2_second_clean_reads_its_own_first_result(pipeline: Pipeline) -> None:
    pipeline.write(
        "clean.py", "f = open('d.csv', 'r+')\nt = f.read()\nf.seek(0)\nf.write(t.replace('a', 'b', 1))\n"
    )
    pipeline.shell("yes a | head -100 > d.csv")
    pipeline.run("python3", "clean.py")
    pipeline.shell("wc d.csv > fit.txt")
    pipeline.run("python3", "clean.py")
    gen, first, _, second = (pipeline.job(job["uid"]) for job in pipeline.log())
    assert edges(second, "inputs")["d.csv"]["producer"] == first["uid"]
    assert edges(first, "inputs")["d.csv"]["producer"] == gen["uid"]
    assert second["step"] == "@2"


def test_case_3_equal_bytes_keep_their_own_makers(pipeline: Pipeline) -> None:
    pipeline.shell("yes | head -50 > a.txt; : a")
    pipeline.shell("yes | head -50 > b.txt; : b")
    pipeline.shell("cat a.txt > c.out")
    pipeline.shell("cat b.txt > d.out")
    a, b, c, d = (pipeline.job(job["uid"]) for job in pipeline.log())
    assert edges(a, "outputs")["a.txt"]["digest"] == edges(b, "outputs")["b.txt"]["digest"]
    assert edges(c, "inputs")["a.txt"]["producer"] == a["uid"]
    assert edges(d, "inputs")["b.txt"]["producer"] == b["uid"]


def test_case_3_empty_files_are_never_copies(pipeline: Pipeline) -> None:
    pipeline.shell(": > empty.out")
    pipeline.outside("touch other.txt")
    pipeline.shell("cat other.txt > result.out")
    assert edges(pipeline.last(), "inputs")["other.txt"]["origin"] == "root"


def test_case_4_two_programs_one_output(pipeline: Pipeline) -> None:
    pipeline.script("a.sh", "echo a > out.txt")
    pipeline.script("b.sh", "echo b > out.txt")
    pipeline.run("./a.sh")
    pipeline.run("./b.sh")
    assert [job["step"] for job in pipeline.log()] == ["@1", "@2"]
    dag = pipeline.dag()
    assert [step["step"] for step in dag["steps"]] == ["@2"]
    assert dag["hidden"]["superseded"] == 1


def test_case_5_names_that_share_a_prefix_are_two_steps(pipeline: Pipeline) -> None:
    pipeline.script("w.sh", 'echo "$1" > "r$1.txt"')
    pipeline.run("./w.sh", "_100")
    pipeline.run("./w.sh", "_200")
    assert [job["step"] for job in pipeline.log()] == ["@1", "@2"]


def test_case_5_forty_shards_are_read_from_their_one_maker(pipeline: Pipeline) -> None:
    pipeline.shell("mkdir shards; for i in $(seq 40); do echo $i > shards/$i.txt; done")
    pipeline.shell("cat shards/*.txt > all.txt")
    make, read = (pipeline.job(job["uid"]) for job in pipeline.log())
    assert len(make["outputs"]) == 40
    assert {edge["producer"] for edge in read["inputs"]} == {make["uid"]}
    assert len(read["inputs"]) == 40


def test_case_6_sweep_is_two_steps_though_both_rewrite_the_metrics(pipeline: Pipeline) -> None:
    pipeline.script("t.sh", 'date +%N > "$2"; echo metrics > metrics.csv; date +%N > last.ckpt')
    pipeline.run("./t.sh", "--out", "a.pt")
    pipeline.run("./t.sh", "--out", "b.pt")
    pipeline.shell("cat a.pt b.pt > report.txt")
    pipeline.run("./t.sh", "--out", "a.pt")
    assert [job["step"] for job in pipeline.log()] == ["@1", "@2", "@3", "@1"]
    aggregate = next(step for step in pipeline.dag("--expanded")["steps"] if step["step"] == "@3")
    assert aggregate["state"] == "stale"
    assert any("a.pt" in str(reason) for reason in aggregate["reasons"])
    assert not any("b.pt" in str(reason) for reason in aggregate["reasons"])


def test_case_13_resumed_training_is_one_node(pipeline: Pipeline) -> None:
    pipeline.write("train.py", RESUMED)
    for _ in range(3):
        pipeline.run("python3", "train.py")
    first, second, third = (pipeline.job(job["uid"]) for job in pipeline.log())
    assert [first["step"], second["step"], third["step"]] == ["@1"] * 3
    assert edges(third, "inputs")["ckpt.pt"]["producer"] == second["uid"]
    assert edges(third, "inputs")["ckpt.pt"]["digest"] == edges(second, "outputs")["ckpt.pt"]["digest"]
    (step,) = pipeline.dag()["steps"]
    assert (step["state"], step["runs"]) == ("active", 3)
    assert "continues itself" in pipeline.roar("dag").stdout
