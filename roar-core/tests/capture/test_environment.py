"""What is recorded of a job's environment and machine, and what never is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from roar_core.capture.container import describe_container
from roar_core.capture.environment import collect_environment, read_os_release
from roar_core.capture.secret_names import looks_secret

SECRET = (
    *(
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "GITHUB_TOKEN",
        "HF_TOKEN",
        "WANDB_API_KEY",
        "OPENAI_APIKEY",
    ),
    *(
        "DB_PASSWORD",
        "PGPASSWORD",
        "DB_PWD",
        "MYSQL_PASS",
        "SESSION_COOKIE",
        "SENTRY_DSN",
        "GH_PAT",
        "my_secret",
    ),
    *(
        "GOOGLE_APPLICATION_CREDENTIALS",
        "SSH_PRIVATE",
        "AZURE_STORAGE_CONNECTION_STRING",
        "BASIC_AUTH",
        "SIGNING_KEY",
    ),
)
PLAIN = (
    "LANG",
    "TOKENIZERS_PARALLELISM",
    "PWD",
    "OMP_NUM_THREADS",
    "PYTHONPATH",
    "SEED",
    "KEYBOARD",
    "PATH",
    "MONKEY",
)


@pytest.mark.parametrize("name", SECRET)
def test_a_secret_looking_name_is_known(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize("name", PLAIN)
def test_an_ordinary_name_is_not_taken_for_a_secret(name: str) -> None:
    assert not looks_secret(name)


def variables(given: dict[str, str], *allowed: str) -> object:
    return collect_environment(given, allowed)["variables"]


def test_variables_that_decide_results_are_recorded_and_others_are_not() -> None:
    given = {
        "LC_ALL": "C",
        "OMP_NUM_THREADS": "4",
        "MY_SEED": "7",
        "TOKENIZERS_PARALLELISM": "false",
        "HOME": "/home/me",
    }
    assert variables({**given, "EDITOR": "vi"}) == {
        name: given[name] for name in sorted(given) if name != "HOME"
    }


def test_the_allow_list_takes_names_and_patterns_but_no_secrets() -> None:
    given = {"EDITOR": "vi", "MY_A": "1", "MY_B": "2", "MY_TOKEN": "x", "DB_PASSWORD": "y"}
    assert variables(given, "EDITOR", "MY_*", "DB_PASSWORD") == {"EDITOR": "vi", "MY_A": "1", "MY_B": "2"}


def test_a_password_in_an_address_is_taken_out() -> None:
    given = {"MLFLOW_TRACKING_URI": "https://me:pw@example.org/mlflow"}
    assert variables(given, "MLFLOW_TRACKING_URI") == {"MLFLOW_TRACKING_URI": "https://example.org/mlflow"}


def test_kernel_and_system_are_those_of_this_machine() -> None:
    found = collect_environment({})
    assert found["kernel"] == f"{os.uname().sysname} {os.uname().release}"
    assert found["machine"] == os.uname().machine


def test_os_release_is_read_as_its_manual_says(tmp_path: Path) -> None:
    path = tmp_path / "os-release"
    path.write_text("# comment\nPRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\nVERSION_ID='12'\n")
    assert read_os_release((str(path),)) == {"name": "Debian GNU/Linux 12", "id": "debian", "version": "12"}
    assert read_os_release((str(tmp_path / "none"),)) == {}


@pytest.mark.parametrize(
    ("files", "given", "expected"),
    [
        ({}, {}, {}),
        ({".dockerenv": ""}, {}, {"kind": "docker"}),
        (
            {"run/.containerenv": 'engine="podman"\nimage="docker.io/x:1"\n'},
            {},
            {"kind": "podman", "image": "docker.io/x:1"},
        ),
        ({}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, {"kind": "kubernetes"}),
        ({}, {"container": "systemd-nspawn"}, {"kind": "systemd-nspawn"}),
        ({"run/systemd/container": "lxc\n"}, {}, {"kind": "lxc"}),
        ({}, {"APPTAINER_CONTAINER": "/x.sif"}, {"kind": "apptainer", "image": "/x.sif"}),
        ({"proc/self/cgroup": "0::/kubepods/x\n"}, {}, {"kind": "kubernetes"}),
        ({"proc/self/cgroup": "0::/docker/" + "a" * 64}, {}, {"kind": "docker", "id": "a" * 64}),
        ({"proc/self/cgroup": "0::/user.slice/user-1000.slice\n"}, {}, {}),
    ],
)
def test_a_container_is_known_by_its_marks(
    tmp_path: Path, files: dict[str, str], given: dict[str, str], expected: dict[str, str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert describe_container(given, str(tmp_path)) == expected
