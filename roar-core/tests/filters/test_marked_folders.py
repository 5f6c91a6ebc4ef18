"""Folders that are known by what lies in them: environments, caches, packages called like a tracker."""

from __future__ import annotations

import venv
from collections.abc import Callable
from pathlib import Path

import pytest

Judge = Callable[..., "str | None"]
SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "project"
    folder.mkdir()
    return folder


def test_a_virtual_environment_in_the_project_is_dropped(judge: Judge, project: Path) -> None:
    venv.create(project / "my-env", with_pip=False)
    for name in ("pyvenv.cfg", "bin/activate", "share/data.csv"):
        assert judge(f"{project}/my-env/{name}", project=str(project)) == "environment"
    assert judge(f"{project}/my-data/bin/activate", project=str(project)) is None


def test_its_python_is_dropped_though_a_link_in_the_project_leads_to_it(judge: Judge, project: Path) -> None:
    venv.create(project / ".venv", with_pip=False, symlinks=True)
    python = project / ".venv/bin/python"
    assert judge(str(python.resolve()), names=(str(python),), project=str(project)) == "environment"


def test_a_conda_environment_is_dropped(judge: Judge, tmp_path: Path, project: Path) -> None:
    (tmp_path / "envs/ml/conda-meta").mkdir(parents=True)
    assert judge(f"{tmp_path.resolve()}/envs/ml/etc/x", project=str(project)) == "environment"


def test_a_project_that_is_an_environment_itself_keeps_its_own_files(judge: Judge, project: Path) -> None:
    venv.create(project, with_pip=False)
    assert judge(f"{project}/train.csv", project=str(project)) is None
    assert judge(f"{project}/data/train.csv", project=str(project)) is None
    assert judge(f"{project}/bin/activate", project=str(project)) == "environment"


def test_a_project_inside_an_environment_keeps_its_own_files(
    judge: Judge, tmp_path: Path, project: Path
) -> None:
    venv.create(tmp_path, with_pip=False)
    assert judge(f"{project}/data/train.csv", project=str(project)) is None


def test_a_folder_with_a_valid_tag_is_a_cache(judge: Judge, project: Path) -> None:
    for name, text in (("tagged", SIGNATURE), ("other", "mine\n")):
        (project / name / "deep").mkdir(parents=True)
        (project / name / "CACHEDIR.TAG").write_text(text)
    assert judge(f"{project}/tagged/x", project=str(project)) == "cache"
    assert judge(f"{project}/tagged/deep/er/x", project=str(project)) == "cache"
    assert judge(f"{project}/other/deep/x", project=str(project)) is None


def test_a_tag_in_the_projects_root_does_not_count(judge: Judge, project: Path) -> None:
    (project / "CACHEDIR.TAG").write_text(SIGNATURE)
    assert judge(f"{project}/data/x", project=str(project)) is None


def test_a_python_package_called_like_a_tracker_is_no_tracker(judge: Judge, project: Path) -> None:
    (project / "wandb").mkdir()
    (project / "wandb/__init__.py").touch()
    assert judge(f"{project}/wandb/core.py", project=str(project)) is None


def test_a_version_manager_is_known_wherever_it_is(judge: Judge, tmp_path: Path, project: Path) -> None:
    root = tmp_path.resolve() / "tools/pyenv"
    (root / "libexec").mkdir(parents=True)
    for name in ("pyenv", "pyenv-exec"):
        (root / "libexec" / name).touch()
    for name in ("shims/python3", "version", "plugins/x/etc/pyenv.d/which/conda.bash"):
        assert judge(f"{root}/{name}", project=str(project)) == "version-manager"
    assert judge(f"{root.parent}/data.csv", project=str(project)) is None


def test_a_project_with_the_files_of_a_version_manager_keeps_them(judge: Judge, project: Path) -> None:
    for name in ("nvm.sh", "nvm-exec"):
        (project / name).touch()
    assert judge(f"{project}/nvm.sh", project=str(project)) is None
    assert judge(f"{project}/data/train.csv", project=str(project)) is None
