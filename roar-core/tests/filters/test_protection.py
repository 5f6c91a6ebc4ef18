"""What is never dropped: what the command names, what a link in the project leads to, the project itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from roar_core.filters.named import named_paths

Judge = Callable[..., "str | None"]
PROJECT = "/home/me/project"


@pytest.mark.parametrize(
    "path",
    ["/usr/share/dict/words", "/tmp/out.bin", "/home/me/.cache/torch/x.pth", f"{PROJECT}/wandb/x", "/dev/x"],
)
@pytest.mark.parametrize("written", [False, True])
def test_a_named_file_is_kept(judge: Judge, path: str, written: bool) -> None:
    assert judge(path, written=written, named=frozenset([path])) is None


def test_what_lies_below_a_named_folder_is_kept_but_for_caches_in_it(judge: Judge) -> None:
    named = frozenset(["/opt/datasets/v3", "/usr/share/words"])
    assert judge("/opt/datasets/v3/a/b.csv", named=named) is None
    assert judge("/usr/share/words/a", named=named) is None
    assert judge("/opt/datasets/v3/.git/index", named=named) == "version-control"
    assert judge("/opt/datasets/v4/b.csv", named=named) == "system"


@pytest.mark.parametrize("folder", ["/", "/usr", "/tmp", "/usr/local", "/home/me"])
def test_naming_a_folder_of_everything_keeps_nothing(judge: Judge, folder: str) -> None:
    named = frozenset([folder])
    assert judge("/usr/local/lib/libx.so", named=named) == "system"
    assert judge("/tmp/scratch", written=True, named=named) == "temporary"
    assert judge("/home/me/.cache/pip/x", named=named) == "cache"


def test_what_a_link_in_the_project_leads_to_is_kept(judge: Judge) -> None:
    names = (f"{PROJECT}/data/train.csv",)
    assert judge("/opt/datasets/v3/train.csv", names=names) is None
    assert judge("/opt/datasets/v3/train.csv") == "system"
    assert judge("/opt/datasets/v3/train.csv", names=("/home/me/other/train.csv",)) == "system"


def test_a_link_in_an_environment_of_the_project_protects_nothing(judge: Judge) -> None:
    python = f"{PROJECT}/node_modules/.bin/python"
    assert judge("/usr/bin/python3.11", names=(python,)) == "environment"


def test_credentials_are_dropped_however_they_are_reached(judge: Judge) -> None:
    path = "/home/me/.ssh/id_rsa"
    assert judge(path, named=frozenset([path])) == "credentials"
    assert judge(path, names=(f"{PROJECT}/key",)) == "credentials"
    assert judge("/srv/plain", names=(f"{PROJECT}/.netrc",)) == "credentials"


@pytest.mark.parametrize(
    "project",
    [
        *(
            "/tmp/x/project",
            "/opt/project",
            "/dev/shm/project",
            "/usr/local/project",
            "/var/lib/project",
            "/run/project",
        ),
        *(
            "/home/me/.cache/torch/project",
            "/home/me/.cache/pip/p",
            "/srv/wandb/project",
            "/srv/node_modules/project",
        ),
        *("/srv/site-packages/project", "/srv/.git/project", "/usr/lib/python3.11/project"),
    ],
)
def test_a_project_in_such_a_place_records_its_own_files(judge: Judge, project: str) -> None:
    assert judge(f"{project}/data.csv", project=project) is None
    assert judge(f"{project}/data/out.csv", project=project, written=True) is None
    assert judge(f"{project}/.git/index", project=project) == "version-control"
    assert judge("/tmp/other", project=project, written=True) == "temporary"
    assert judge("/usr/share/x/y", project=project) == "system"


def test_a_project_around_such_places_does_not_make_them_its_data(judge: Judge) -> None:
    for project in ("/", "/home/me"):
        assert judge("/home/me/.cache/pip/x", project=project) == "cache"
        assert judge("/home/me/data.csv", project=project) is None
        assert judge("/home/me/.pyenv/version", project=project) == "version-manager"
    assert judge("/usr/share/x/y", project="/") == "system"


def test_named_paths_are_those_in_arguments_and_behind_equal_signs() -> None:
    named = named_paths(("dd", "if=../in.bin", "of=/tmp/out", "--data=a=b", "x"), "/home/me")
    assert {"/home/in.bin", "/tmp/out", "/home/me/x", "/home/me/b"} <= named


def test_named_paths_leave_out_the_programs_that_ran() -> None:
    executed = ["/usr/bin/env", "/srv/tools/run.sh", "/home/me/.pyenv/shims/python"]
    named = named_paths(("/usr/bin/env", "/srv/tools/run.sh", "/bin/ls", executed[2]), "/", executed)
    assert not {"/usr/bin/env", executed[2]} & named
    assert {"/srv/tools/run.sh", "/bin/ls"} <= named
