"""What the user has set: environment variables, and settings from two files and the environment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from roar_core.config_file import read_config_file
from roar_core.errors import RoarError, UsageError
from roar_core.nearest import nearest_word
from roar_core.plugin.specs import SettingSpec
from roar_core.project import Project
from roar_core.setting_values import Value, parse_text, parse_toml
from roar_core.shared_config import SHARED_KEY, read_shared_patterns

COMPLETION_VARIABLE = "_ROAR_COMPLETE"  # set by the scripts of `roar completion`
Origin = Literal["default", "user file", "shared file", "project", "environment"]


class Environment(NamedTuple):
    """What roar itself needs to know of its environment variables. Folders are absolute; None where nobody says."""

    home: str | None = None
    config_home: str | None = None
    cache_home: str | None = None
    state_home: str | None = None
    runtime_directory: str | None = None
    disabled_plugins: frozenset[str] = frozenset()
    trace_hooks: bool = False
    path: str = os.defpath
    completion: str | None = None
    setting_texts: Mapping[str, str] = {}

    @property
    def user_config_file(self) -> Path | None:
        """Returns the path of the user's settings."""
        return Path(self.config_home, "roar", "config.toml") if self.config_home else None

    @property
    def cache_directory(self) -> Path | None:
        """Returns the folder for what can be found out again."""
        return Path(self.cache_home, "roar") if self.cache_home else None


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """Returns what the environment variables of this process, or the given ones, say."""
    variables = os.environ if variables is None else variables
    get = variables.get
    home = get("HOME")
    if home is None or not os.path.isabs(home):
        home = _home_of_user()
    return Environment(
        home=home,
        config_home=_folder(get("XDG_CONFIG_HOME"), home, ".config"),
        cache_home=_folder(get("XDG_CACHE_HOME"), home, ".cache"),
        state_home=_folder(get("XDG_STATE_HOME"), home, ".local/state"),
        runtime_directory=_folder(get("XDG_RUNTIME_DIR"), None, ""),
        disabled_plugins=frozenset(filter(None, map(str.strip, get("ROAR_DISABLE_PLUGINS", "").split(",")))),
        trace_hooks=get("ROAR_TRACE_HOOKS", "") not in ("", "0"),
        path=get("PATH", os.defpath),
        completion=get(COMPLETION_VARIABLE),
        setting_texts={
            name[len("ROAR_") :].lower().replace("__", "."): text
            for name, text in variables.items()
            if name.startswith("ROAR_") and "__" in name
        },
    )


def read_color(variables: Mapping[str, str] = os.environ) -> bool | None:
    """Returns whether the user wants colour (https://no-color.org, https://force-color.org); None: on a terminal."""
    if variables.get("NO_COLOR"):
        return False
    if variables.get("FORCE_COLOR"):
        return True
    return False if variables.get("TERM") == "dumb" else None


def read_columns(variables: Mapping[str, str] = os.environ) -> int | None:
    """Returns how wide the user wants lines to be, if they say so."""
    columns = variables.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) else None


class Settings(Mapping[str, object]):
    """The values of all settings, and where each comes from."""

    __slots__ = ("_origins", "_values")

    def __init__(self, values: Mapping[str, Value], origins: Mapping[str, Origin]) -> None:
        self._values = dict(values)
        self._origins = dict(origins)

    def __getitem__(self, key: str) -> Value:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def origin(self, key: str) -> Origin:
        """Returns where the value comes from."""
        return self._origins.get(key, "default")

    def flag(self, key: str) -> bool:
        """Returns the value of a `bool` setting."""
        return bool(self._values[key])

    def text(self, key: str) -> str:
        """Returns the value of a `str` setting."""
        return str(self._values[key])

    def whole(self, key: str) -> int:
        """Returns the value of an `int` or `bytes` setting."""
        value = self._values[key]
        assert isinstance(value, int)
        return value

    def number(self, key: str) -> float:
        """Returns the value of a `float` setting."""
        value = self._values[key]
        assert isinstance(value, int | float)
        return value

    def items_of(self, key: str) -> tuple[str, ...]:
        """Returns the value of a `list` setting."""
        value = self._values[key]
        assert isinstance(value, tuple)
        return value


def load_settings(
    project: Project | None, specs: Iterable[SettingSpec], environment: Environment
) -> Settings:
    """Returns the settings that hold here. Raises UsageError for an unknown key or a bad value."""
    settings, problems = read_settings(project, specs, environment)
    if problems:
        raise problems[0]
    return settings


def read_settings(
    project: Project | None, specs: Iterable[SettingSpec], environment: Environment
) -> tuple[Settings, tuple[RoarError, ...]]:
    """Returns the settings that hold here, and what is wrong with the files and variables they come from."""
    known = {spec.key: spec for spec in specs}
    values: dict[str, Value] = {key: spec.default for key, spec in known.items()}
    origins: dict[str, Origin] = {}
    problems: list[RoarError] = []

    def take(entries: Mapping[str, object], origin: Origin, where: str) -> None:
        for key, value in entries.items():
            try:
                spec = find_spec(known, key, where)
                text = origin == "environment"
                values[key] = parse_text(spec, str(value), where) if text else parse_toml(spec, value, where)
                origins[key] = origin
            except UsageError as error:
                problems.append(error)

    files: tuple[tuple[Path | None, Origin], ...] = (
        (environment.user_config_file, "user file"),
        (project.config_file if project else None, "project"),
    )
    for path, origin in files:
        if path is not None:
            try:
                take(read_config_file(path), origin, f"in `{path}`")
            except RoarError as error:
                problems.append(error)
    take(environment.setting_texts, "environment", "in the environment")
    if project is not None and SHARED_KEY in known:
        try:
            shared = read_shared_patterns(project)
        except RoarError as error:
            problems.append(error)
        else:
            _add_shared(shared, values, origins)
    return Settings(values, origins), tuple(problems)


def _add_shared(shared: tuple[str, ...], values: dict[str, Value], origins: dict[str, Origin]) -> None:
    """What is shared holds beside what the user has set, whatever that is."""
    own = values[SHARED_KEY]
    if shared and isinstance(own, tuple):
        values[SHARED_KEY] = tuple(dict.fromkeys((*shared, *own)))
        origins.setdefault(SHARED_KEY, "shared file")


def find_spec(known: Mapping[str, SettingSpec], key: str, where: str = "") -> SettingSpec:
    """Returns the setting of that name. Raises UsageError naming the nearest one."""
    if key in known:
        return known[key]
    near = nearest_word(key, known)
    raise UsageError(
        f"unknown setting{where and ' ' + where}: `{key}`",
        f"did you mean `{near}`?" if near else "roar config list",
    )


def _home_of_user() -> str | None:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_dir or None
    except KeyError:
        return None


def _folder(value: str | None, home: str | None, default: str) -> str | None:
    """The XDG base directory specification: a path that is not absolute is to be ignored."""
    if value and os.path.isabs(value):
        return value
    return os.path.join(home, default) if home else None
