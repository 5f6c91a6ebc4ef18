import os

import pytest
from roar_core.errors import NoProject, ProjectNotOwned
from roar_core.project import Project, check_ownership, create_project, find_project, require_project


def test_project_is_found_from_below(tmp_path):
    create_project(tmp_path)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_project(below) == Project(tmp_path.resolve())


def test_project_is_found_through_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    create_project(tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    assert require_project(tmp_path / "link").root == (tmp_path / "real").resolve()


def test_file_named_like_the_folder_is_no_project(tmp_path):
    (tmp_path / ".roar").write_text("")
    assert find_project(tmp_path) is None


def test_no_project_says_how_to_make_one(tmp_path):
    with pytest.raises(NoProject) as caught:
        require_project(tmp_path)
    assert caught.value.hint == "roar init"


@pytest.mark.parametrize(
    ("path", "relative"),
    [("{}/a/b", "a/b"), ("{}", "."), ("{}-other/a", "{}-other/a"), ("/elsewhere", "/elsewhere")],
)
def test_paths_inside_are_relative(tmp_path, path, relative):
    project = Project(tmp_path)
    assert project.relative(path.format(tmp_path)) == relative.format(tmp_path)
    assert project.absolute(relative.format(tmp_path)) == path.format(tmp_path)


def test_project_of_somebody_else_is_refused(tmp_path, monkeypatch):
    project = create_project(tmp_path)
    if os.geteuid() == 0:
        os.chown(project.directory, 65534, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4321)
    with pytest.raises(ProjectNotOwned) as caught:
        check_ownership(project)
    assert str(project.directory) in caught.value.message


def test_link_of_somebody_else_is_refused(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a link away: run the tests as root")
    (tmp_path / "real").mkdir()
    (tmp_path / ".roar").symlink_to("real")
    os.lchown(tmp_path / ".roar", 65534, -1)
    with pytest.raises(ProjectNotOwned):
        require_project(tmp_path)
