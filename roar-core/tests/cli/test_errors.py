"""What a user sees when something is wrong: one line, a hint, a status; never a traceback."""

import json
import os
import signal
import subprocess

import pytest


def test_unknown_command_names_the_nearest(roar):
    done = roar("initt", status=2)
    assert done.stderr == "roar: unknown command: `initt`\nhint: did you mean `roar init`?\n"
    assert done.stdout == ""


def test_unknown_option_names_the_nearest(roar):
    assert "did you mean `--json`?" in roar("plugins", "--jsn", status=2).stderr


def test_unknown_subcommand_is_usage(roar):
    assert roar("config", "lst", status=2).stderr.startswith("roar: no such command `lst`")


def test_missing_argument_is_usage(roar):
    assert roar("config", "get", status=2).stderr.splitlines()[1] == "hint: roar config get --help"


def test_error_is_json_when_asked(roar):
    error = json.loads(roar("config", "get", "nothing", "--json", status=2).stderr)["error"]
    assert error == {"code": "usage_error", "message": "unknown setting: `nothing`", "hint": error["hint"]}


def test_wrong_use_is_json_when_asked(roar):
    error = json.loads(roar("plugins", "--json", "--nothing", status=2).stderr)["error"]
    assert (error["code"], "--nothing" in error["message"]) == ("usage_error", True)


def test_unknown_command_is_json_when_asked(roar):
    assert (
        json.loads(roar("plugin", "--json", status=2).stderr)["error"]["hint"]
        == "did you mean `roar plugins`?"
    )


def test_no_project_says_how_to_make_one(roar):
    done = roar("config", "set", "output.quiet", "true", status=2)
    assert done.stderr == f"roar: cannot find a project here or above: `{roar.folder}`\nhint: roar init\n"


def test_unexpected_exception_is_one_line(roar, install_command):
    install_command("raise KeyError('lost')")
    done = roar("mine", status=1)
    assert done.stderr.splitlines() == [
        "roar: unexpected KeyError: `'lost'`",
        "hint: to see where it comes from: roar --debug mine …",
    ]


def test_unexpected_exception_is_shown_with_debug(roar, install_command):
    install_command("raise KeyError('lost')")
    assert "Traceback" in roar("--debug", "mine", status=1).stderr


def test_command_that_cannot_be_imported_names_its_distribution(roar, install):
    install(
        "my-dist",
        "mine",
        "@hookimpl\ndef roar_register_commands():\n    return [CommandSpec('mine', 'nowhere:x', 'y')]\n",
    )
    error = roar("mine", status=1).stderr
    assert "cannot use `mine` of my-dist: ModuleNotFoundError" in error


def test_interrupt_ends_by_the_signal(roar, install_command):
    install_command("print('ready', flush=True); import time; time.sleep(60)")
    process = roar.start("mine", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert errors.strip() == b""


def test_reader_that_goes_away_is_no_error(roar, install_command):
    install_command("[print('x' * 1000) for _ in range(1000)]")
    process = roar.start("mine", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == -signal.SIGPIPE


def test_full_output_is_an_error(roar):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*_roar(), "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=roar.environment,
            cwd=roar.folder,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "roar: cannot write output: no space left on device\nhint: df -h\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_descriptors_are_no_error(roar, closed):
    script = f'"$@" plugins {closed}'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *_roar()], env=roar.environment, cwd=roar.folder, check=False
    )
    assert done.returncode == 0


def test_removed_folder_is_named_as_such(roar):
    gone = roar.folder / "gone"
    gone.mkdir()
    script = 'rmdir ../gone; exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *_roar(), "config", "get", "hash.primary"],
        cwd=gone,
        env=roar.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert (
        done.stderr
        == "roar: cannot find the current folder: it was removed\nhint: cd to a folder that is there\n"
    )


def test_removed_folder_does_not_matter_to_help(roar):
    gone = roar.folder / "gone"
    gone.mkdir()
    script = 'rmdir ../gone; exec "$@"'
    subprocess.run(
        ["sh", "-c", script, "sh", *_roar(), "--help"],
        cwd=gone,
        env=roar.environment,
        capture_output=True,
        check=True,
    )


def test_home_may_be_unset(roar):
    roar("init", "-n", env={"HOME": None})
    assert roar("config", "get", "hash.primary", env={"HOME": None}).stdout == "blake3\n"


def test_arguments_that_are_not_utf8_come_out_as_they_went_in(roar):
    done = roar(b"caf\xe9", status=2)
    assert os.fsencode(done.stderr).startswith(b"roar: unknown command: `caf\xe9`")


def test_arguments_that_are_not_utf8_are_valid_json(roar):
    error = json.loads(os.fsencode(roar("config", "get", b"caf\xe9", "--json", status=2).stderr))
    assert "caf\ufffd" in error["error"]["message"]


def test_folder_that_is_not_utf8_can_be_a_project(roar):
    folder = roar.folder / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    assert b"caf\xe9/.roar" in os.fsencode(roar("init", "-n", cwd=folder).stdout)
    assert b"caf\xe9" in os.fsencode(roar("doctor", cwd=folder, status=None).stdout)


def test_output_survives_an_encoding_without_the_characters(roar):
    environment = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"}
    assert "?" in roar("mine…", status=2, env=environment).stderr


def test_file_in_the_place_of_the_project_folder(roar):
    (roar.folder / ".roar").write_text("")
    assert "a file is in the way" in roar("init", "-n", status=1).stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away: run the tests as root")
def test_project_of_somebody_else_is_refused(roar, project):
    os.chown(project / ".roar", 65534, -1)
    done = roar("config", "get", "hash.primary", status=1)
    assert "`nobody`" in done.stderr
    assert "`root`" in done.stderr


def test_color_is_for_terminals_unless_forced(roar):
    assert "\x1b[" not in roar("initt", status=2, env={"NO_COLOR": None}).stderr
    assert "\x1b[" in roar("initt", status=2, env={"NO_COLOR": None, "FORCE_COLOR": "1"}).stderr
    assert "\x1b[" not in roar("initt", status=2, env={"NO_COLOR": "1", "FORCE_COLOR": "1"}).stderr


def test_damaged_settings_leave_the_way_to_mend_them(roar, project):
    (project / ".roar" / "config.toml").write_text("[hash]\nprimry = 'md5'\n")
    assert "did you mean `hash.primary`?" in roar("config", "get", "hash.primary", status=2).stderr
    roar("config", "unset", "hash.primry")
    assert roar("config", "get", "hash.primary").stdout == "blake3\n"


def test_database_error_in_a_query_is_explained(roar, project, install):
    install(
        "my-dist",
        "mine",
        """
        import click

        @click.command()
        @click.pass_obj
        def command(context):
            context.store().connection.execute("SELECT * FROM nothing")

        @hookimpl
        def roar_register_commands():
            return [CommandSpec("mine", __name__ + ":command", "asks")]
        """,
    )
    assert roar("mine", status=1).stderr.startswith("roar: ")


def _roar():
    import sys

    return [sys.executable, "-m", "roar_core"]
