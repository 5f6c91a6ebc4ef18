"""`roar build`: set-up steps, counted apart."""

from __future__ import annotations

import pytest
from pipeline import Pipeline, edges


@pytest.fixture
def built(pipeline: Pipeline) -> Pipeline:
    """A program that a build has made, and a run that used it."""
    pipeline.write("main.c", "int main(void) { return 0; }\n")
    pipeline.roar("build", "-q", "cc", "-o", "program", "main.c")
    pipeline.run("./program")
    return pipeline


def test_build_is_recorded_with_inputs_and_outputs(built: Pipeline) -> None:
    build, run = (built.job(job["uid"]) for job in built.log())
    assert (build["kind"], build["step"], run["step"]) == ("build", "@B1", "@1")
    assert "program" in edges(build, "outputs")
    assert "main.c" in edges(build, "code")
    assert edges(run, "inputs")["program"]["producer"] == build["uid"]


def test_build_is_in_the_dag_with_what_rests_on_it(built: Pipeline) -> None:
    steps = {step["step"]: step for step in built.dag()["steps"]}
    assert steps["@1"]["depends_on"] == ["@B1"]
    assert steps["@B1"]["kind"] == "build"


@pytest.mark.parametrize("command", ["run", "build"])
@pytest.mark.parametrize("reference", ["@B1", "@b1"])
def test_build_step_that_is_run_again_stays_a_build(built: Pipeline, command: str, reference: str) -> None:
    built.roar(command, "-q", reference)
    assert [(job["kind"], job["step"]) for job in built.log()] == [
        ("build", "@B1"),
        ("run", "@1"),
        ("build", "@B1"),
    ]


def test_same_command_as_build_and_run_is_two_steps(pipeline: Pipeline) -> None:
    pipeline.shell("true")
    pipeline.roar("build", "-q", "sh", "-c", "true")
    assert [job["step"] for job in pipeline.log()] == ["@1", "@B1"]


def test_summary_names_the_build_step(pipeline: Pipeline) -> None:
    assert pipeline.roar("build", "true").stderr.startswith("roar: @B1 ")


def test_run_step_is_refused_as_a_build(built: Pipeline) -> None:
    done = built.roar("build", "@1", status=2)
    assert "not a build step: `@1`" in done.stderr
    assert "roar run @1" in done.stderr
    assert len(built.log()) == 2


def test_exit_status_is_the_commands(pipeline: Pipeline) -> None:
    pipeline.roar("build", "-q", "sh", "-c", "exit 7", status=7)
    pipeline.roar("build", "no-such-command", status=127)
    assert [job["exit_code"] for job in pipeline.log()] == [7]
