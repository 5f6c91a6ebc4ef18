import importlib.metadata
import sys

from roar_core.plugin.discovery import EntryPoint, find_distributions, find_entry_points, normalized


def _install(site, folder, entry_points):
    metadata = site / folder
    metadata.mkdir(parents=True)
    (metadata / "entry_points.txt").write_text(entry_points)


def test_entry_points_of_the_group_are_found(tmp_path):
    _install(
        tmp_path,
        "my_dist-1.2.dist-info",
        "[console_scripts]\na = b:c\n\n[roar]\n# ours\nmine = pkg.plugin\n[x]\ny=z\n",
    )
    assert find_entry_points([str(tmp_path)]) == [EntryPoint("mine", "pkg.plugin", "my-dist", "1.2")]


def test_attribute_and_extras_are_understood(tmp_path):
    _install(tmp_path, "a-1.dist-info", "[roar]\nmine=pkg:obj [extra]\n")
    assert find_entry_points([str(tmp_path)])[0].value == "pkg:obj"


def test_first_of_two_equal_distributions_counts(tmp_path):
    _install(tmp_path / "first", "my_dist-2.dist-info", "[roar]\nmine = new\n")
    _install(tmp_path / "second", "My.Dist-1.dist-info", "[roar]\nmine = old\n")
    assert [e.value for e in find_entry_points([str(tmp_path / "first"), str(tmp_path / "second")])] == [
        "new"
    ]


def test_development_install_of_setuptools_is_found(tmp_path):
    _install(tmp_path, "my_dist.egg-info", "[roar]\nmine = pkg\n")
    _install(tmp_path, "other-1.0-py3.11.egg-info", "[roar]\nother = pkg\n")
    assert [(e.distribution, e.version) for e in find_entry_points([str(tmp_path)])] == [
        ("my-dist", ""),
        ("other", "1.0"),
    ]


def test_folders_that_are_not_there_do_not_matter(tmp_path):
    (tmp_path / "archive.zip").write_bytes(b"PK")
    assert find_entry_points([str(tmp_path / "gone"), str(tmp_path / "archive.zip")]) == []


def test_finds_what_the_standard_library_finds():
    ours = {normalized(distribution.name) for distribution in find_distributions(sys.path)}
    theirs = {
        normalized(distribution.metadata["Name"]) for distribution in importlib.metadata.distributions()
    }
    assert theirs <= ours


def test_entry_points_are_those_that_the_standard_library_finds():
    theirs = {(entry.name, entry.value) for entry in importlib.metadata.entry_points(group="roar")}
    assert {(entry.name, entry.value) for entry in find_entry_points(sys.path)} == theirs
