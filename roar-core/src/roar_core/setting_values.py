"""The value of a setting from the text or the TOML value that somebody wrote."""

from __future__ import annotations

import re

from roar_core.errors import UsageError
from roar_core.plugin.specs import SettingSpec

Value = bool | int | float | str | tuple[str, ...]
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_BYTES = re.compile(r"(\d+)\s*(?:([kmgt])(i?)b?|b)?", re.IGNORECASE)


def parse_text(spec: SettingSpec, text: str, where: str) -> Value:
    """Returns the value that a text stands for. A list is separated by commas. Raises UsageError saying `where`."""
    try:
        return _checked(spec, _from_text(spec, text.strip()))
    except ValueError:
        raise _bad_value(spec, text, where) from None


def parse_toml(spec: SettingSpec, value: object, where: str) -> Value:
    """Returns the value that a TOML value stands for. Raises UsageError saying `where`."""
    try:
        return _checked(spec, _from_toml(spec, value))
    except ValueError:
        raise _bad_value(spec, value, where) from None


def format_value(value: object) -> str:
    """Returns a value as one would type it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def format_bytes(size_bytes: int) -> str:
    """Returns a number of bytes as one would type it: `256MiB`."""
    for factor, unit in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size_bytes and size_bytes % factor == 0:
            return f"{size_bytes // factor}{unit}"
    return str(size_bytes)


def allowed_values(spec: SettingSpec) -> str:
    """Returns, in words, what a setting may be set to."""
    if spec.choices:
        listed = ", ".join(spec.choices)
        return f"any of {listed}, separated by commas" if spec.type == "list" else f"one of {listed}"
    return {
        "bool": "true or false",
        "int": "a whole number",
        "float": "a number, not negative",
        "str": "a text",
        "list": "texts, separated by commas",
        "bytes": "a number of bytes, such as 1048576 or 256MiB",
    }[spec.type]


def _from_text(spec: SettingSpec, text: str) -> Value:
    if spec.type == "bool":
        if text.lower() not in _TRUE + _FALSE:
            raise ValueError
        return text.lower() in _TRUE
    if spec.type == "int":
        return int(text)
    if spec.type == "float":
        return float(text)
    if spec.type == "bytes":
        return _bytes(text)
    if spec.type == "list":
        return tuple(item.strip() for item in text.split(",") if item.strip())
    return text


def _from_toml(spec: SettingSpec, value: object) -> Value:
    number = isinstance(value, int) and not isinstance(value, bool)
    if spec.type == "bool" and isinstance(value, bool):
        return value
    if spec.type in ("int", "bytes") and isinstance(value, int) and number:
        return value
    if spec.type == "float" and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if spec.type in ("str", "bytes") and isinstance(value, str):
        return _bytes(value) if spec.type == "bytes" else value
    if spec.type == "list" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError


def _bytes(text: str) -> int:
    match = _BYTES.fullmatch(text)
    if match is None:
        raise ValueError
    number, unit, binary = match.groups()
    base = 1024 if binary else 1000
    factor: int = base ** _UNITS[(unit or "").lower()]
    return int(number) * factor


def _checked(spec: SettingSpec, value: Value) -> Value:
    items = value if isinstance(value, tuple) else (value,)
    if spec.choices and any(item not in spec.choices for item in items):
        raise ValueError
    if spec.type in ("float", "bytes") and not (isinstance(value, int | float) and 0 <= value < float("inf")):
        raise ValueError
    if isinstance(value, str) and not value:
        raise ValueError
    return value


def _bad_value(spec: SettingSpec, value: object, where: str) -> UsageError:
    return UsageError(
        f"cannot understand {spec.key} {where}: `{format_value(value)}`",
        f"{spec.key} is {allowed_values(spec)}",
    )
