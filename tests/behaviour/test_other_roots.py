"""A job in a mount namespace of its own, where roar itself stands in another root folder than its namespace."""

import json
import os
from pathlib import Path

import pytest
from place import ROAR, Place

# A root folder that shows all that ours does, as a container's or a rescue system's would.
INSIDE = """
set -e
mount --make-rprivate /
mount --rbind / "$1"
mount -t proc proc "$1/proc"
exec chroot "$@"
"""


@pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root: another root folder and a mount namespace are made"
)
def test_files_keep_their_names_when_roar_runs_in_another_root(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if place.tracer == "none":
        pytest.skip("nothing is recorded without a tracer")
    root = tmp_path_factory.mktemp("root")
    (place.root / "in").write_text("x")
    run = [*ROAR, "run", "-q", "unshare", "--mount", "sh", "-c", "cat in > out"]
    chrooted = [
        "bash",
        "-c",
        INSIDE,
        "bash",
        str(root),
        "sh",
        "-c",
        'cd "$0" && exec "$@"',
        str(place.root),
        *run,
    ]
    done = place.bare("unshare", "--mount", "--pid", "--fork", *chrooted)
    assert done.returncode == 0, done.stderr
    record = json.loads(place.roar("show", "@1", "--json").stdout)
    assert [Path(edge["path"]).name for edge in record["inputs"]] == ["in"]
    assert [edge["path"] for edge in record["outputs"]] == ["out"]
