#!/usr/bin/env python3
"""Makes docs/settings.md from the settings that roar-core and the tracers register; `--check` only compares."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from roar_core.plugin import SettingSpec
from roar_core.settings import SETTINGS
from roar_tracer_ptrace.plugin import roar_register_settings

PAGE = Path(__file__).resolve().parent / "settings.md"
INTRODUCTION = """# Settings

Made by `python docs/make_settings.py` from the table of settings.

A setting comes from, in rising order, its default, the user's file (`~/.config/roar/config.toml`), the project's
(`.roar/config.toml`) and the environment: `section.key` is `ROAR_SECTION__KEY` there. `roar config list` shows each
with its value and where that came from; `roar config set KEY VALUE` and `roar config unset KEY` change the project's.
An unknown key or a bad value is an error that names the nearest key and the values allowed. What `roar filter` adds to
the project's `.roarconfig` holds beside `filters.ignore_paths`.

| setting | type | default | |
|---|---|---|---|
"""


def main() -> int:
    """The exit status: 1 with --check where the page is not what the settings say."""
    text = make_page([*SETTINGS, *roar_register_settings()])
    if "--check" in sys.argv[1:]:
        return int(not PAGE.exists() or PAGE.read_text() != text)
    PAGE.write_text(text)
    return 0


def make_page(settings: Sequence[SettingSpec]) -> str:
    """The page as Markdown, settings in the order of their keys."""
    return INTRODUCTION + "".join(
        _row(setting) for setting in sorted(settings, key=lambda setting: setting.key)
    )


def _row(setting: SettingSpec) -> str:
    allowed = f" One of {', '.join(f'`{choice}`' for choice in setting.choices)}." if setting.choices else ""
    text = setting.help.replace("|", "\\|")
    return f"| `{setting.key}` | {setting.type} | {_default(setting)} | {text}{allowed} |\n"


def _default(setting: SettingSpec) -> str:
    value = setting.default
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return " ".join(f"`{item}`" for item in value) or "none"
    if setting.type == "bytes" and isinstance(value, int):
        return f"`{value // 2**20}MiB`"
    return f"`{value}`"


if __name__ == "__main__":
    sys.exit(main())
