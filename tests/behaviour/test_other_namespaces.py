"""Runs side by side in two pid namespaces, as in two containers that share the host's network."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from place import ROAR, Place


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a pid namespace is made")
def test_run_is_not_taken_for_one_inside_a_run_of_another_pid_namespace(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if place.tracer == "none":
        pytest.skip("nobody listens for runs inside a run without a tracer")
    elsewhere: Path = tmp_path_factory.mktemp("elsewhere")
    for fifo in ("tell", "go"):
        os.mkfifo(elsewhere / fifo)
    # There roar is process 1, as is an ancestor of every process here.
    namespace = ["unshare", "--mount", "--pid", "--fork", "--mount-proc"]
    script = "echo now > tell; read word < go"
    command = [*namespace, *ROAR, "trace", "--report", "report", "--", "sh", "-c", script]
    with subprocess.Popen(command, cwd=elsewhere, env=place.environment) as other:
        (elsewhere / "tell").read_text()
        here = place.observed("sh", "-c", "echo out > out")
        (elsewhere / "go").write_text("go\n")
    assert (other.returncode, here.returncode, here.stderr) == (0, 0, "")
    record = json.loads(place.roar("show", "@1", "--json").stdout)
    assert [edge["path"] for edge in record["outputs"]] == ["out"]
