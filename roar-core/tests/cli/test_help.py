import json
import subprocess
import sys

import pytest
from roar_core import builtin

HEAVY = {
    *(
        "sqlalchemy",
        "alembic",
        "boto3",
        "google",
        "azure",
        "rich",
        "requests",
        "fastapi",
        "blake3",
        "sqlite3",
    ),
    *(
        "tomlkit",
        "tomllib",
        "tomli",
        "importlib_metadata",
        "logging",
    ),
}
if sys.version_info >= (
    3,
    11,
):  # before, pluggy's import of importlib.metadata and click's of uuid bring all of it
    HEAVY |= {"importlib.metadata", "email", "subprocess"}
COMMANDS = [spec.name for spec in builtin.roar_register_commands()]


def test_roar_alone_prints_its_help(roar):
    assert roar().stdout == roar("--help").stdout


def test_help_lists_each_command_below_its_heading(roar):
    lines = [line.rstrip() for line in roar("--help").stdout.splitlines()]
    for spec in builtin.roar_register_commands():
        heading = lines.index(f"{spec.group}:")
        listed = next(
            i for i, line in enumerate(lines) if line.split()[:1] == [spec.name] and spec.summary in line
        )
        assert "" not in lines[heading:listed]


def test_help_imports_nothing_heavy(roar):
    code = (
        "import sys, json\n"
        "from roar_core.cli.main import main\n"
        "sys.argv = ['roar', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=roar.environment,
        cwd=roar.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage: roar" in done.stdout
    assert not set(json.loads(done.stderr)) & HEAVY


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_shows_how_it_is_used(roar, name):
    text = roar(name, "--help").stdout
    assert text.startswith(f"Usage: roar {name}")
    assert f"  roar {name}" in text.partition("\n")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_fits_a_terminal(roar, name):
    lines = roar(name, "--help", env={"COLUMNS": "80"}).stdout.splitlines()
    assert [
        line for line in lines if len(line) > 80 or (line.endswith("...") and "COMMAND" not in line)
    ] == []


def test_help_fits_a_narrow_terminal(roar):
    lines = roar("--help", env={"COLUMNS": "50"}).stdout.splitlines()
    assert max(len(line) for line in lines if not line.startswith("    roar ")) <= 50


def test_version_is_printed(roar):
    from roar_core import __version__

    assert roar("--version").stdout == f"roar {__version__}\n"
