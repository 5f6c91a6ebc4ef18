"""A settings file: reading it fast, and changing one value while its comments stay."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from roar_core.errors import RoarError, UsageError, system_reason

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


def read_config_file(path: Path) -> dict[str, object]:
    """Returns the values of a TOML file by dotted key; none when there is no file. Raises UsageError, RoarError."""
    try:
        text = path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise RoarError(
            f"cannot read settings: {system_reason(error)}: `{path}`", f"ls -ld {path}"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read settings: not UTF-8: `{path}`", f"edit {path}") from error
    if not any(line and not line.startswith("#") for line in map(str.strip, text.splitlines())):
        return {}  # as `roar init` leaves it: no need for a parser
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        return _flattened(toml.loads(text))
    except ValueError as error:
        raise UsageError(f"cannot read settings: {error}: `{path}`", f"edit {path}") from error


def set_value(path: Path, key: str, value: object, mode: int = 0o600) -> None:
    """Writes one value into a settings file, which is made with `mode` if need be. Raises RoarError."""
    import tomlkit

    document = _parsed(path)
    *sections, name = key.split(".")
    table: object = document
    for section in sections:
        assert isinstance(table, tomlkit.TOMLDocument | tomlkit.items.Table)
        if not isinstance(table.get(section), Mapping):
            table[section] = tomlkit.table()
        table = table[section]
    table[name] = list(value) if isinstance(value, tuple) else value  # type: ignore[index]  # a table, as made above
    _write(path, tomlkit.dumps(document), mode)


def unset_value(path: Path, key: str) -> bool:
    """Removes one value from a settings file; returns whether it was there. Raises RoarError."""
    import tomlkit

    document = _parsed(path)
    *sections, name = key.split(".")
    table: object = document
    for section in sections:
        table = table.get(section) if isinstance(table, Mapping) else None
    if not isinstance(table, Mapping) or name not in table:
        return False
    del table[name]  # type: ignore[attr-defined]  # tomlkit's tables are mutable
    _write(path, tomlkit.dumps(document), 0o600)
    return True


def _flattened(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    values: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            values.update(_flattened(value, f"{prefix}{name}."))
        else:
            values[prefix + name] = value
    return values


def _parsed(path: Path) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import ParseError

    try:
        return tomlkit.parse(path.read_bytes().decode())
    except FileNotFoundError:
        return tomlkit.document()
    except (ParseError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read settings: {error}: `{path}`", f"edit {path}") from error
    except OSError as error:
        raise RoarError(
            f"cannot read settings: {system_reason(error)}: `{path}`", f"ls -ld {path}"
        ) from error


def _write(path: Path, text: str, mode: int) -> None:
    """The file is replaced whole: a reader sees the old one or the new one. A link to it stays one, its mode too."""
    import stat
    import tempfile
    from contextlib import suppress

    target = os.path.realpath(path)
    with suppress(OSError):
        mode = stat.S_IMODE(os.stat(target).st_mode)
    try:
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=os.path.dirname(target), delete=False
        ) as file:
            try:
                file.write(text)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.replace(file.name, target)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise RoarError(
            f"cannot write settings: {system_reason(error)}: `{path}`",
            "or set it for one command: ROAR_SECTION__KEY=… roar …",
        ) from error
