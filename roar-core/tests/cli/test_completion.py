import shutil
import subprocess
import sys

import pytest


def _offers(roar, *words):
    """Returns what fish would be told, in the form of the installed click."""
    environment = {
        "_ROAR_COMPLETE": "fish_complete",
        "COMP_WORDS": " ".join(("roar", *words[:-1])),
        "COMP_CWORD": words[-1],
    }
    return roar(env=environment).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_is_understood_by_the_shell(roar, shell):
    script = roar("completion", shell).stdout
    assert "_ROAR_COMPLETE" in script
    if shutil.which(shell) is None:
        pytest.skip(f"the script itself is tried where {shell} is: apt-get install {shell}")
    subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_bash_completes_a_command(roar):
    script = roar("completion", "bash").stdout + (
        '\nCOMP_WORDS=(roar do); COMP_CWORD=1; _roar_completion roar; echo "${COMPREPLY[@]}"\n'
    )
    folder = roar.folder / "bin"
    folder.mkdir()
    launcher = folder / "roar"
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -m roar_core "$@"\n')
    launcher.chmod(0o755)
    environment = {**roar.environment, "PATH": f"{folder}:{roar.environment['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=True, cwd=roar.folder
    )
    assert done.stdout.split() == ["doctor"]


def test_commands_are_completed_without_importing_them(roar, install):
    install(
        "my-dist",
        "mine",
        "@hookimpl\ndef roar_register_commands():\n    return [CommandSpec('mine', 'nowhere:x', 'y')]\n",
    )
    assert "mine" in _offers(roar, "mi")


def test_options_are_completed(roar):
    assert "--json" in _offers(roar, "plugins", "--j")


def test_settings_and_their_values_are_completed(roar):
    assert "hash.primary" in _offers(roar, "config", "set", "hash.")
    assert "sha512" in _offers(roar, "config", "set", "hash.primary", "sha5")


def test_tracers_are_completed(roar):
    assert "auto" in _offers(roar, "run", "--tracer", "au")


def test_programs_are_completed_after_run(roar):
    assert "true" in _offers(roar, "run", "tru")


def test_broken_plugin_says_nothing_while_completing(roar, install):
    install("my-dist", "mine", "import nothing_of_this_name")
    environment = {"_ROAR_COMPLETE": "bash_complete", "COMP_WORDS": "roar do", "COMP_CWORD": "1"}
    assert roar(env=environment).stderr == ""


def test_outside_a_project_references_become_paths(roar):
    environment = {"_ROAR_COMPLETE": "bash_complete", "COMP_WORDS": "roar run @", "COMP_CWORD": "2"}
    assert roar(env=environment).stdout.startswith("file")
