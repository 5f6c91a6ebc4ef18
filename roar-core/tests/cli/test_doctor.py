import json
import os

import pytest


@pytest.fixture(autouse=True)
def some_tracer(install):
    install(
        "lucky-dist",
        "lucky",
        """
        from roar_core.plugin.protocols import Availability

        class Fake:
            def probe(self):
                return Availability(True, "1.5")

        @hookimpl
        def roar_register_tracers():
            return [TracerSpec("lucky", __name__ + ":Fake", "sees nothing")]
        """,
    )


def _states(roar, status=0, **options):
    rows = json.loads(roar("doctor", "--json", status=status, **options).stdout)
    return {row["check"]: row for row in rows}


def test_sound_project_is_sound(roar, project):
    states = _states(roar)
    assert set(states) >= {
        "python",
        "git",
        "plugins",
        "tracers",
        "settings",
        "project",
        "file system",
        "clock",
        "database",
        "spool",
    }
    assert not [row for row in states.values() if row["state"] == "problem"]


def test_outside_a_project_the_machine_is_looked_at(roar):
    assert _states(roar)["project"]["hint"] == "roar init"


def test_missing_git_is_a_warning(roar, project):
    row = _states(roar, env={"PATH": "/nonexistent"})["git"]
    assert (row["state"], bool(row["hint"])) == ("warning", True)


def test_damaged_database_is_a_problem(roar, project):
    database = project / ".roar" / "roar.db"
    database.write_bytes(b"not a database" * 1000)
    row = _states(roar, status=1)["database"]
    assert row["state"] == "problem"
    assert row["hint"]


def test_missing_database_is_a_problem(roar, project):
    (project / ".roar" / "roar.db").unlink()
    assert _states(roar, status=1)["database"]["hint"] == "roar init"


def test_bad_settings_are_a_problem(roar, project):
    (project / ".roar" / "config.toml").write_text("[hash]\nprimary = 'sha1'\n")
    assert "sha1" in _states(roar, status=1)["settings"]["text"]


def test_open_project_folder_is_a_problem(roar, project):
    (project / ".roar").chmod(0o777)
    assert _states(roar, status=1)["project"]["hint"].startswith("chmod go-w")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away: run the tests as root")
def test_project_of_somebody_else_is_a_problem(roar, project):
    os.chown(project / ".roar", 65534, -1)
    assert "nobody" in _states(roar, status=1)["project"]["text"]


def test_run_that_waits_is_named(roar, project):
    entry = project / ".roar" / "spool" / "deadbeef"
    entry.mkdir(parents=True)
    (entry / "run.json").write_text("{}")
    (entry / "lock").write_text("")
    row = _states(roar)["spool"]
    assert (row["state"], "deadbeef" in row["text"]) == ("warning", True)


def test_broken_plugin_is_a_problem(roar, install):
    install("my-dist", "mine", "import nothing_of_this_name")
    assert "nothing_of_this_name" in _states(roar, status=1)["plugins"]["text"]


def test_no_usable_tracer_is_a_problem(roar):
    row = _states(roar, status=1, env={"ROAR_DISABLE_PLUGINS": "lucky,ebpf,preload,ptrace"})["tracers"]
    assert row["hint"] == "pip install roar-tracer-ptrace"


def test_findings_are_for_people_too(roar, project):
    (project / ".roar").chmod(0o777)
    text = roar("doctor", status=1).stdout
    assert "wrong project: others may write in it" in text
    assert "hint: chmod go-w" in text
