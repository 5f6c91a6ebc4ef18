"""`roar env`: variables that every job is given."""

from __future__ import annotations

import json
import stat

import pytest
from pipeline import ROAR, Pipeline


def test_every_job_is_given_the_variables_and_its_record_has_them(pipeline: Pipeline) -> None:
    pipeline.roar("env", "set", "OMP_NUM_THREADS=3", "GREETING=a = b")
    done = pipeline.roar("run", "-q", "sh", "-c", 'echo "$OMP_NUM_THREADS $GREETING"')
    assert done.stdout == "3 a = b\n"
    variables = pipeline.last()["environment"]["variables"]
    assert (variables["OMP_NUM_THREADS"], variables["GREETING"]) == ("3", "a = b")
    assert pipeline.roar("build", "-q", "sh", "-c", "echo $OMP_NUM_THREADS").stdout == "3\n"


@pytest.mark.parametrize("tracer", ["auto", "none"])
def test_variable_stands_over_one_of_the_same_name(pipeline: Pipeline, tracer: str) -> None:
    pipeline.roar("env", "set", "SEED=1")
    pipeline.environment["SEED"] = "2"
    show = ("sh", "-c", "echo $SEED")
    assert pipeline.roar("run", "-q", "--tracer", tracer, *show).stdout == "1\n"
    assert pipeline.roar("run", "-q", "--tracer", tracer, "env", "SEED=3", *show).stdout == "3\n"


def test_run_inside_a_run_is_given_them_too(pipeline: Pipeline) -> None:
    pipeline.roar("env", "set", "SEED=1")
    inner = ("env", "-u", "SEED", *ROAR, "run", "-q", "sh", "-c", "echo $SEED")
    assert pipeline.roar("run", "-q", *inner).stdout == "1\n"


def test_secret_is_given_but_neither_listed_nor_recorded(pipeline: Pipeline) -> None:
    pipeline.roar("env", "set", "API_TOKEN=hush-hush")
    assert pipeline.roar("run", "-q", "sh", "-c", "echo $API_TOKEN").stdout == "hush-hush\n"
    assert "hush" not in json.dumps(pipeline.last())
    assert "hush" not in pipeline.roar("env", "list").stdout
    assert pipeline.json("env", "list") == [{"name": "API_TOKEN", "value": None, "secret": True}]
    assert pipeline.roar("env", "get", "API_TOKEN").stdout == "hush-hush\n"
    assert stat.S_IMODE((pipeline.root / ".roar/env.toml").stat().st_mode) == 0o600


def test_variable_that_is_unset_is_given_no_more(pipeline: Pipeline) -> None:
    pipeline.roar("env", "set", "A=1", "B=2")
    pipeline.roar("env", "unset", "A")
    assert [variable["name"] for variable in pipeline.json("env", "list")] == ["B"]
    assert pipeline.roar("run", "-q", "sh", "-c", "echo ${A-none}").stdout == "none\n"
