"""Packages by the files that a job read, in installations as pip, uv, Debian and conda leave them."""

from __future__ import annotations

import json
import os
import sys
import venv
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from roar_core.capture.interpreters import Interpreter
from roar_core.capture.packages import PackageCollector


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The site-packages folder of a real environment, empty."""
    venv.create(tmp_path / "env", with_pip=False)
    return tmp_path / f"env/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def install(site: Path, name: str, version: str, files: Iterable[str], **information: str) -> None:
    """Puts a distribution there as an installer does."""
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nText.\n")
    (folder / "RECORD").write_text(
        "".join(f"{file},sha256=x,1\n" for file in (*files, f"{folder.name}/METADATA"))
    )
    for file, text in information.items():
        (folder / file.replace("_txt", ".txt").replace("_json", ".json")).write_text(text)
    for file in files:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).touch()


def found(
    site: Path, *read: str, interpreters: tuple[Interpreter, ...] = ()
) -> tuple[Mapping[str, object], ...]:
    collector = PackageCollector(interpreters)
    for path in read:
        collector.add(str(site / path))
    return collector.packages()


def names(packages: tuple[Mapping[str, object], ...]) -> list[object]:
    return [package["name"] for package in packages]


def test_a_package_is_named_with_version_and_installer(site: Path) -> None:
    install(site, "numpy", "2.1.0", ["numpy/__init__.py", "numpy/core.so"], INSTALLER="uv\n")
    install(site, "unused", "1.0", ["unused/__init__.py"])
    assert found(site, "numpy/core.so") == ({"name": "numpy", "version": "2.1.0", "origin": "uv"},)


def test_a_package_read_as_bytecode_is_found(site: Path) -> None:
    install(site, "alpha", "1", ["alpha/__init__.py", "alpha/deep/x.py"])
    install(site, "six", "1.16", ["six.py"])
    read = ("alpha/deep/__pycache__/x.cpython-311.pyc", "__pycache__/six.cpython-311.opt-1.pyc")
    assert names(found(site, *read)) == ["alpha", "six"]


def test_a_module_of_another_name_is_found(site: Path) -> None:
    install(site, "scikit-learn", "1.5", ["sklearn/__init__.py"], top_level_txt="sklearn\n")
    install(site, "PyYAML", "6.0", ["yaml/__init__.py", "_yaml/__init__.py"])
    assert names(found(site, "yaml/__init__.py", "sklearn/__init__.py")) == ["PyYAML", "scikit-learn"]


def test_a_namespace_is_told_apart_by_file(site: Path) -> None:
    install(site, "google-auth", "2", ["google/auth/__init__.py"])
    install(site, "google-cloud-storage", "3", ["google/cloud/storage/__init__.py"])
    install(site, "google", "9", ["google/search.py"])
    assert names(found(site, "google/cloud/storage/__pycache__/__init__.cpython-311.pyc")) == [
        "google-cloud-storage"
    ]


def test_looking_at_distributions_or_starting_python_loads_nothing(site: Path) -> None:
    install(site, "alpha", "1", ["alpha/__init__.py", "alpha.pth"], entry_points_txt="[x]\n")
    install(site, "setuptools", "70", ["setuptools/__init__.py", "_distutils_hack/__init__.py"])
    read = (
        *("alpha-1.dist-info/METADATA", "alpha-1.dist-info/entry_points.txt", "alpha.pth", "_virtualenv.py"),
        *("_distutils_hack/__init__.py", "__editable__.mine-1.pth", "__editable___mine_finder.py"),
    )
    assert found(site, *read) == ()


def test_the_origin_is_the_address_where_there_is_one(site: Path) -> None:
    vcs = {"url": "https://me:pw@example.org/a.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}
    install(site, "a", "1", ["a.py"], direct_url_json=json.dumps(vcs), INSTALLER="pip\n")
    install(site, "b", "1", ["b.py"], direct_url_json=json.dumps({"url": "file:///srv/b.whl"}))
    install(site, "c", "1", ["c.py"], direct_url_json="{")
    assert [package["origin"] for package in found(site, "a.py", "b.py", "c.py")] == [
        "git+https://example.org/a.git@abc",
        "file:///srv/b.whl",
        None,
    ]


def test_debians_and_older_forms_are_read(site: Path) -> None:
    (site / "one-1.0.egg-info").mkdir()
    (site / "one-1.0.egg-info/PKG-INFO").write_text("Name: One\nVersion: 1.0\n")
    (site / "one-1.0.egg-info/top_level.txt").write_text("first\n")
    (site / "two-2.0.egg-info").write_text("Name: two\nVersion: 2.0\n")
    assert names(found(site, "first/x.py", "two.py", "three-3.0-py3.11.egg/three/x.py")) == [
        "One",
        "three",
        "two",
    ]


def test_nobodys_file_belongs_to_no_package(site: Path) -> None:
    install(site, "alpha", "1", ["alpha/__init__.py"])
    assert found(site, "stray.py", "gone/x.py") == ()
    assert found(site.parent / "no-site-packages", "x.py") == ()


def test_a_distribution_without_information_is_named_by_its_folder(site: Path) -> None:
    (site / "bare-1.2.dist-info").mkdir()
    assert found(site, "bare.py") == ({"name": "bare", "version": "1.2", "origin": None},)


def test_a_name_with_a_comma_or_not_utf8_is_no_obstacle(site: Path) -> None:
    install(site, "odd", "1", ["other/__init__.py"])
    record = site / "odd-1.dist-info/RECORD"
    record.write_bytes(record.read_bytes() + b'"other/a,b.py",,\nother/\xff.py,,\n')
    collector = PackageCollector(())
    collector.add(os.fsdecode(os.fsencode(site) + b"/other/\xff.py"))
    assert names(collector.packages()) == ["odd"]


def test_a_library_of_a_conda_package_is_found(tmp_path: Path) -> None:
    prefix = tmp_path / "conda"
    (prefix / "conda-meta").mkdir(parents=True)
    record = {
        "channel": "https://conda.anaconda.org/conda-forge",
        "files": ["lib/libopenblas.so.0"],
        "name": "libopenblas",
    }
    text = json.dumps({**record, "version": "0.3.27"}, indent=2)
    (prefix / "conda-meta/libopenblas-0.3.27-h1.json").write_text(text)
    (prefix / "conda-meta/history").touch()
    interpreter = Interpreter("python", str(prefix), f"{prefix}/bin/python", "3.12", environment=True)
    assert found(prefix, "lib/libopenblas.so.0", "lib/other.so", interpreters=(interpreter,)) == (
        {"name": "libopenblas", "version": "0.3.27", "origin": "https://conda.anaconda.org/conda-forge"},
    )


def test_the_packages_of_this_very_process_are_those_that_it_imported() -> None:
    collector = PackageCollector(())
    for module in tuple(sys.modules.values()):
        if getattr(module, "__file__", None):
            collector.add(str(module.__file__))
    found_names = names(collector.packages())
    assert {"pytest", "pluggy"} <= set(found_names)
    assert "maturin" not in found_names
