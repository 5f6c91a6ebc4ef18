import json

import pytest


def _row(roar, key, **options):
    return next(
        row for row in json.loads(roar("config", "list", "--json", **options).stdout) if row["key"] == key
    )


def test_default_is_shown_as_default(roar):
    row = _row(roar, "hash.primary")
    assert (row["value"], row["default"], row["origin"]) == ("blake3", "blake3", "default")


def test_project_has_the_word_over_the_user_and_the_environment_over_both(roar, project):
    roar("config", "set", "--user", "hash.primary", "sha256")
    assert _row(roar, "hash.primary")["origin"] == "user file"
    roar("config", "set", "hash.primary", "md5")
    assert (_row(roar, "hash.primary")["value"], _row(roar, "hash.primary")["origin"]) == ("md5", "project")
    row = _row(roar, "hash.primary", env={"ROAR_HASH__PRIMARY": "sha512"})
    assert (row["value"], row["origin"]) == ("sha512", "environment")


def test_user_settings_lie_where_xdg_says(roar, tmp_path):
    roar("config", "set", "--user", "output.quiet", "true", env={"XDG_CONFIG_HOME": str(tmp_path / "xdg")})
    assert (tmp_path / "xdg" / "roar" / "config.toml").is_file()


def test_set_keeps_comments(roar, project):
    config = project / ".roar" / "config.toml"
    config.write_text("# top\n[hash]\n# why\nprimary = 'md5'  # here\n\n[output]\nquiet = true\n")
    roar("config", "set", "hash.primary", "sha256")
    assert (
        config.read_text() == '# top\n[hash]\n# why\nprimary = "sha256"  # here\n\n[output]\nquiet = true\n'
    )


def test_set_of_each_type_is_read_back(roar, project):
    for key, text, value in (
        ("output.quiet", "yes", True),
        ("hash.run", "sha256, md5", ["sha256", "md5"]),
        ("hash.run", "", []),
        ("run.digest_seconds", "2.5", 2.5),
        ("tracer.preserve_limit", "1MiB", 1 << 20),
        ("git.remote", "upstream", "upstream"),
    ):
        roar("config", "set", key, text)
        assert _row(roar, key)["value"] == value


def test_unset_takes_the_value_back(roar, project):
    roar("config", "set", "hash.primary", "md5")
    roar("config", "unset", "hash.primary")
    assert roar("config", "get", "hash.primary").stdout == "blake3\n"


def test_unset_of_what_is_not_set_says_so(roar, project):
    assert "was not set" in roar("config", "unset", "hash.primary").stderr


def test_unset_of_an_unknown_setting_is_usage(roar, project):
    assert "did you mean `hash.primary`" in roar("config", "unset", "hash.primry", status=2).stderr


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("hash.primary", "sha1", "hash.primary is one of blake3, sha256, sha512, md5"),
        ("hash.run", "md5,sha1", "hash.run is any of blake3, sha256, sha512, md5, separated by commas"),
        ("output.quiet", "maybe", "output.quiet is true or false"),
        (
            "tracer.preserve_limit",
            "much",
            "tracer.preserve_limit is a number of bytes, such as 1048576 or 256MiB",
        ),
        ("run.digest_seconds", "-1", "run.digest_seconds is a number, not negative"),
        ("tracer.default", "strace", "tracer.default is one of auto, none"),
        ("logging.level", "loud", "logging.level is one of debug, info, warning, error"),
    ],
)
def test_bad_value_names_the_values_allowed(roar, project, key, value, hint):
    done = roar("config", "set", "--", key, value, status=2)
    assert done.stderr.splitlines()[0] == f"roar: cannot understand {key} on the command line: `{value}`"
    assert done.stderr.splitlines()[1].startswith(f"hint: {hint}")


def test_bad_value_in_the_environment_says_where(roar):
    done = roar("config", "get", "hash.primary", env={"ROAR_OUTPUT__QUIET": "maybe"}, status=2)
    assert "output.quiet in the environment: `maybe`" in done.stderr


def test_unknown_setting_in_the_environment_names_the_nearest(roar):
    done = roar("config", "get", "hash.primary", env={"ROAR_HASH__PRIMRY": "md5"}, status=2)
    assert done.stderr.splitlines()[1] == "hint: did you mean `hash.primary`?"


def test_file_that_is_no_toml_is_named(roar, project):
    (project / ".roar" / "config.toml").write_text("hash = [\n")
    done = roar("config", "get", "hash.primary", status=2)
    assert str(project / ".roar" / "config.toml") in done.stderr


def test_list_shows_what_can_be_understood(roar, project):
    (project / ".roar" / "config.toml").write_text("[hash]\nprimary = 'sha1'\n[output]\nquiet = true\n")
    done = roar("config", "list")
    assert "hash.primary" in done.stderr
    assert "true (default false)" in done.stdout


def test_set_that_does_not_show_says_so(roar, project):
    done = roar("config", "set", "hash.primary", "md5", env={"ROAR_HASH__PRIMARY": "sha256"})
    assert "the environment has the last word on `hash.primary`" in done.stderr


def test_settings_of_a_plugin_are_settings(roar, project, install):
    install(
        "my-dist",
        "mine",
        "@hookimpl\ndef roar_register_settings():\n    return [SettingSpec('mine.size', 'int', 3, 'what it is for')]\n",
    )
    roar("config", "set", "mine.size", "4")
    assert roar("config", "get", "mine.size").stdout == "4\n"


def test_quiet_level_hides_notes(roar, project):
    roar("config", "set", "logging.level", "error")
    assert roar("config", "unset", "hash.primary").stderr == ""


def test_every_setting_says_what_it_is_for(roar):
    for row in json.loads(roar("config", "list", "--json").stdout):
        assert row["help"]


def test_user_settings_without_a_home_are_an_error(roar):
    import os
    import pwd

    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        assert (
            "set HOME"
            in roar("config", "set", "--user", "output.quiet", "true", env={"HOME": None}, status=1).stderr
        )
    else:
        folder = {"XDG_CONFIG_HOME": str(roar.home)}
        roar("config", "set", "--user", "output.quiet", "true", env={"HOME": None, **folder})
