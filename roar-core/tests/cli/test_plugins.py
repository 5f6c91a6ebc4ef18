import json

TRACER = """
    @hookimpl
    def roar_register_tracers():
        return [TracerSpec("same", "m:a", "…")]
"""


def _row(roar, name, **options):
    rows = json.loads(roar("plugins", "--json", **options).stdout)["plugins"]
    return next(row for row in rows if row["name"] == name)


def test_loaded_plugin_is_listed(roar, install):
    install("my-dist", "mine", TRACER, version="2.5")
    row = _row(roar, "mine")
    assert row == {
        "name": "mine",
        "distribution": "my-dist",
        "version": "2.5",
        "state": "loaded",
        "registers": ["tracer same"],
        "problems": [],
    }
    assert "my-dist 2.5" in roar("plugins").stdout


def test_broken_plugin_costs_one_line(roar, install):
    install("my-dist", "mine", "import nothing_of_this_name")
    done = roar("config", "get", "hash.primary")
    assert done.stdout == "blake3\n"
    assert done.stderr.splitlines() == [
        "roar: plugin `mine` of my-dist is broken: ModuleNotFoundError: No module named 'nothing_of_this_name'"
    ]
    assert _row(roar, "mine")["state"] == "broken"
    assert "nothing_of_this_name" in roar("plugins").stdout


def test_plugin_with_a_syntax_error_is_broken(roar, install):
    install("my-dist", "mine", "def (")
    assert "SyntaxError" in roar("plugins").stderr


def test_two_of_one_name_are_an_error(roar, install):
    install("a-dist", "a", TRACER)
    install("b-dist", "b", TRACER)
    done = roar("config", "get", "hash.primary", status=2)
    assert "from a-dist and b-dist: `same`" in done.stderr
    assert "ROAR_DISABLE_PLUGINS=b-dist" in done.stderr


def test_two_of_one_name_leave_the_way_out(roar, install):
    install("a-dist", "a", TRACER)
    install("b-dist", "b", TRACER)
    assert "a-dist and b-dist" in roar("plugins").stdout
    assert "a-dist and b-dist" in roar("doctor", status=1).stdout
    assert "Usage: roar" in roar("--help").stdout
    blocked = {"ROAR_DISABLE_PLUGINS": "nothing, b-dist"}
    assert roar("config", "get", "hash.primary", env=blocked).stdout == "blake3\n"
    assert _row(roar, "b", env=blocked)["state"] == "disabled"


def test_command_of_a_plugin_is_a_command(roar, install_command):
    install_command("click.echo('here')")
    assert roar("mine").stdout == "here\n"
    assert "Mine:\n  mine" in roar("--help").stdout


def test_calls_are_shown_when_asked(roar, install):
    install("my-dist", "mine", TRACER)
    assert "roar: mine: roar_register_tracers()" in roar("plugins", env={"ROAR_TRACE_HOOKS": "1"}).stderr
