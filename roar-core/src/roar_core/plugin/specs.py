"""Frozen descriptions of plugins: what a hook hands over, so that listing plugins imports nothing heavy."""

from __future__ import annotations

from typing import Literal, NamedTuple


class TracerSpec(NamedTuple):
    """A way to observe a job. `factory` is `"module:attribute"`, called without arguments, and gives a `Tracer`.

    `priority`: higher is tried first by `auto`. `platforms`: values of `sys.platform`.
    """

    name: str
    factory: str
    summary: str
    priority: int = 0
    platforms: tuple[str, ...] = ("linux",)


class HasherSpec(NamedTuple):
    """A digest algorithm. `factory` gives a `Hasher`; `digest_size` is in bytes."""

    name: str
    factory: str
    digest_size: int


class StorageSpec(NamedTuple):
    """A storage backend for the URL schemes it names (`("s3",)`)."""

    name: str
    factory: str
    schemes: tuple[str, ...]


class FilterSpec(NamedTuple):
    """An access filter. Lower `order` is asked first; `setting` is the boolean setting that turns it off, if any."""

    name: str
    factory: str
    order: int
    setting: str | None = None


class RegistrySpec(NamedTuple):
    """A registry that lineage can be published to."""

    name: str
    factory: str
    summary: str


class ExporterSpec(NamedTuple):
    """A format that lineage can be written in."""

    name: str
    factory: str
    summary: str
    media_type: str


class CommandSpec(NamedTuple):
    """A command of `roar`. `factory` names a `click.Command`; `group` is the heading it is listed under by `--help`."""

    name: str
    factory: str
    summary: str
    group: str = "Other"


class SettingSpec(NamedTuple):
    """A setting. `type` says how text becomes a value; `choices` limits it; a `bytes` value may end in `MiB`."""

    key: str
    type: Literal["bool", "int", "float", "str", "list", "bytes"]
    default: bool | int | float | str | tuple[str, ...]
    help: str
    choices: tuple[str, ...] = ()
