import sys
import sysconfig

import pytest
from roar_core.plugin.binaries import find_binary


@pytest.fixture
def site(tmp_path):
    """A site-packages with a package whose program is not there yet."""
    site = tmp_path / "lib" / "site-packages"
    (site / "my_tracer").mkdir(parents=True)
    (site / "my_tracer-1.0.dist-info").mkdir()
    return site


def _find(site, name="my-tracer"):
    return find_binary("my-tracer", name, str(site / "my_tracer" / "__init__.py"))


def _make_program(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def _record(site, *lines):
    (site / "my_tracer-1.0.dist-info" / "RECORD").write_text("".join(f"{line}\n" for line in lines))


def test_record_names_the_program(site, tmp_path):
    program = _make_program(tmp_path / "bin" / "my-tracer")
    _record(site, "my_tracer/__init__.py,sha256=x,0", "../../bin/my-tracer,sha256=y,10")
    assert _find(site) == program


def test_record_with_commas_is_understood(site):
    program = _make_program(site / "a,b" / "my-tracer")
    _record(site, '"a,b/my-tracer",sha256=y,10')
    assert _find(site) == program


def test_program_beside_the_package_counts_when_record_is_wrong(site):
    program = _make_program(site / "bin" / "my-tracer")
    _record(site, "../../bin/my-tracer,sha256=y,10")
    assert _find(site) == program


def test_scripts_folder_counts_last(site, tmp_path, monkeypatch):
    program = _make_program(tmp_path / "scripts" / "my-tracer")
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path / "scripts"))
    assert _find(site) == program


def test_development_install_has_its_record_elsewhere(site, tmp_path, monkeypatch):
    program = _make_program(tmp_path / "bin" / "my-tracer")
    _record(site, "../../bin/my-tracer,sha256=y,10")
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    assert (
        find_binary("my_tracer", "my-tracer", str(tmp_path / "source" / "my_tracer" / "__init__.py"))
        == program
    )


def test_program_on_path_is_not_taken(site, tmp_path, monkeypatch):
    _make_program(tmp_path / "elsewhere" / "my-tracer")
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    assert _find(site) is None


def test_program_that_is_not_executable_is_not_taken(site):
    _make_program(site / "bin" / "my-tracer").chmod(0o644)
    assert _find(site) is None
