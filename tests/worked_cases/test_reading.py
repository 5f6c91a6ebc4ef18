"""What `lineage`, `inputs` and `diff` say of real runs."""

from __future__ import annotations

from pipeline import LARGE, Pipeline


def two_steps(pipeline: Pipeline) -> None:
    pipeline.write("raw.csv", LARGE)
    pipeline.script("prep.sh", "cat raw.csv raw.csv > data.csv")
    pipeline.script("train.sh", 'cat data.csv > model.pt; echo "$1" >> model.pt')
    pipeline.run("./prep.sh")
    pipeline.run("./train.sh", "--lr=1")


def causes(pipeline: Pipeline, a: str, b: str) -> list[tuple[str, str, str | None]]:
    return [(cause["cause"], cause["step"], cause["path"]) for cause in pipeline.json("diff", a, b)["causes"]]


def test_lineage_leads_through_a_copy_to_the_root_input(pipeline: Pipeline) -> None:
    two_steps(pipeline)
    pipeline.outside("cp model.pt best.pt")
    pipeline.shell("wc -c < best.pt > size")
    assert [job["label"] for job in pipeline.json("lineage", "size")["jobs"]] == ["@1", "@2", "@3"]
    assert [(root["path"], root["origin"]) for root in pipeline.json("inputs", "size")] == [
        ("raw.csv", "root")
    ]


def test_diff_finds_edited_data_upstream_of_a_changed_option(pipeline: Pipeline) -> None:
    two_steps(pipeline)
    pipeline.write("raw.csv", LARGE + "edited")
    pipeline.run("./prep.sh")
    pipeline.run("./train.sh", "--lr=2")
    assert causes(pipeline, "@2·1", "@2") == [("input", "@1", "raw.csv"), ("parameters", "@2", None)]
    first = pipeline.json("diff", "@2·1", "@2")["first_divergence"]
    assert (first["cause"], first["path"], first["step"]) == ("input", "raw.csv", "@1")


def test_diff_shows_how_a_script_that_git_does_not_have_was_edited(pipeline: Pipeline) -> None:
    two_steps(pipeline)
    pipeline.script("train.sh", 'cat data.csv data.csv > model.pt; echo "$1" >> model.pt')
    pipeline.run("./train.sh", "--lr=1")
    (cause,) = pipeline.json("diff", "@2·1", "@2")["causes"]
    assert (cause["cause"], cause["path"]) == ("code", "train.sh")
    assert '+cat data.csv data.csv > model.pt; echo "$1" >> model.pt' in cause["diff"].splitlines()


def test_diff_of_a_command_that_is_not_deterministic_says_so(pipeline: Pipeline) -> None:
    pipeline.script("draw.sh", "head -c 100 /dev/urandom > drawn")
    for _ in range(2):
        pipeline.run("./draw.sh")
    assert causes(pipeline, "@1·1", "@1") == [("nondeterministic", "@1", None)]


def test_diff_of_sessions_names_the_step_where_they_part(pipeline: Pipeline) -> None:
    two_steps(pipeline)
    old = pipeline.json("dag")["session"]
    pipeline.roar("reset")
    pipeline.run("./prep.sh")
    pipeline.run("./train.sh", "--lr=3")
    new = pipeline.json("dag")["session"]
    assert causes(pipeline, old, new) == [("parameters", "@2", None)]
