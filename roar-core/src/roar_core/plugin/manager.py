"""The plugins that are installed, what they register, and calls to their hooks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pluggy

from roar_core import __version__, builtin
from roar_core.config import Environment
from roar_core.errors import PluginConflict, RoarError
from roar_core.plugin import hookspecs, specs
from roar_core.plugin.discovery import EntryPoint, find_entry_points, normalized
from roar_core.plugin.loading import load_object
from roar_core.plugin.problems import PluginInfo, PluginProblem, conflict

if TYPE_CHECKING:
    from roar_core.plugin.protocols import AccessFilter, FilterContext

Factory = (
    specs.TracerSpec
    | specs.HasherSpec
    | specs.StorageSpec
    | specs.FilterSpec
    | specs.RegistrySpec
    | specs.ExporterSpec
    | specs.CommandSpec
)
Spec = Factory | specs.SettingSpec
SpecType = TypeVar("SpecType", bound=Spec)

# hook → (what it registers, in words; its type)
KINDS: Mapping[str, tuple[str, type[Any]]] = {
    "roar_register_tracers": ("tracer", specs.TracerSpec),
    "roar_register_hashers": ("hasher", specs.HasherSpec),
    "roar_register_storage_backends": ("storage backend", specs.StorageSpec),
    "roar_register_filters": ("filter", specs.FilterSpec),
    "roar_register_registries": ("registry", specs.RegistrySpec),
    "roar_register_exporters": ("exporter", specs.ExporterSpec),
    "roar_register_commands": ("command", specs.CommandSpec),
    "roar_register_settings": ("setting", specs.SettingSpec),
}
CORE = EntryPoint("core", "roar_core.builtin", "roar-core", __version__)


class PluginManager:
    """All plugins of this environment. `warn` shows a line to the user; `trace` one about each call, if given."""

    def __init__(self, warn: Callable[[str], None], trace: Callable[[str], None] | None = None) -> None:
        self._warn = warn
        self._trace = trace
        self._pluggy = pluggy.PluginManager("roar")
        self._pluggy.add_hookspecs(hookspecs)
        self._registered: dict[str, dict[str, tuple[Spec, PluginInfo]]] = {}
        self.plugins: dict[str, PluginInfo] = {}
        self.refused: tuple[PluginInfo, ...] = ()
        self.disabled: tuple[PluginInfo, ...] = ()
        self.problems: tuple[PluginProblem, ...] = ()
        self.conflicts: tuple[PluginConflict, ...] = ()

    @classmethod
    def load(
        cls,
        environment: Environment,
        *,
        warn: Callable[[str], None],
        entry_points: Iterable[EntryPoint] | None = None,
    ) -> PluginManager:
        """Returns the installed plugins, or those given, but for the ones that the user has disabled."""
        manager = cls(warn, warn if environment.trace_hooks else None)
        blocked = {normalized(name) for name in environment.disabled_plugins}
        manager._add(CORE, builtin)
        for entry in find_entry_points(sys.path) if entry_points is None else entry_points:
            if blocked & {normalized(entry.name), normalized(entry.distribution)}:
                manager.disabled += (_info(entry),)
            elif entry.name in manager.plugins:
                manager.refused += (_info(entry),)
                manager.conflicts += (
                    conflict("plugin", entry.name, manager.plugins[entry.name], _info(entry)),
                )
            else:
                manager._import(entry)
        for hook, (kind, spec_type) in KINDS.items():
            manager._collect(hook, kind, spec_type)
        return manager

    def require_no_conflict(self) -> None:
        """Does nothing unless two plugins have one name. Raises PluginConflict."""
        if self.conflicts:
            raise self.conflicts[0]

    @property
    def tracers(self) -> tuple[specs.TracerSpec, ...]:
        """Returns the tracers, in the order in which `auto` tries them."""
        return tuple(
            sorted(
                self._specs("roar_register_tracers", specs.TracerSpec), key=lambda s: (-s.priority, s.name)
            )
        )

    @property
    def hashers(self) -> tuple[specs.HasherSpec, ...]:
        """Returns the digest algorithms."""
        return self._specs("roar_register_hashers", specs.HasherSpec)

    @property
    def storage_backends(self) -> tuple[specs.StorageSpec, ...]:
        """Returns the storage backends."""
        return self._specs("roar_register_storage_backends", specs.StorageSpec)

    @property
    def filters(self) -> tuple[specs.FilterSpec, ...]:
        """Returns the filters, in the order in which they are asked."""
        return tuple(
            sorted(self._specs("roar_register_filters", specs.FilterSpec), key=lambda s: (s.order, s.name))
        )

    @property
    def registries(self) -> tuple[specs.RegistrySpec, ...]:
        """Returns the registries."""
        return self._specs("roar_register_registries", specs.RegistrySpec)

    @property
    def exporters(self) -> tuple[specs.ExporterSpec, ...]:
        """Returns the exporters."""
        return self._specs("roar_register_exporters", specs.ExporterSpec)

    @property
    def commands(self) -> tuple[specs.CommandSpec, ...]:
        """Returns the commands."""
        return self._specs("roar_register_commands", specs.CommandSpec)

    @property
    def settings(self) -> tuple[specs.SettingSpec, ...]:
        """Returns the settings; those that name a plugin have the names that there are as their choices."""
        hashers = tuple(spec.name for spec in self.hashers)
        choices = {
            "tracer.default": ("auto", "none", *(spec.name for spec in self.tracers)),
            "hash.primary": hashers,
            "hash.run": hashers,
        }
        found = self._specs("roar_register_settings", specs.SettingSpec)
        return tuple(
            spec._replace(choices=choices[spec.key]) if spec.key in choices else spec for spec in found
        )

    def source(self, spec: Spec) -> PluginInfo:
        """Returns the plugin that registered a specification."""
        return next(
            info for kind in self._registered.values() for known, info in kind.values() if known is spec
        )

    def registered_by(self, plugin: PluginInfo) -> tuple[str, ...]:
        """Returns what a plugin registers, in words: `tracer ptrace`."""
        return tuple(
            f"{kind} {name}"
            for hook, (kind, _) in KINDS.items()
            for name, (_, info) in self._registered[hook].items()
            if info is plugin
        )

    def make(self, spec: Factory, *arguments: object) -> Any:
        """Returns the object that a specification describes. Raises RoarError naming its distribution."""
        return self._guarded(
            spec, lambda: cast("Callable[..., object]", load_object(spec.factory))(*arguments)
        )

    def make_filters(
        self, wanted: Callable[[specs.FilterSpec], bool], context: FilterContext
    ) -> list[AccessFilter]:
        """Returns the filters that are wanted, in order. One that can't be made, or raises, is named and left out."""
        filters: list[AccessFilter] = []
        for spec in filter(wanted, self.filters):
            plugin = self.source(spec)
            try:
                made: AccessFilter = self.make(spec, context)
            except RoarError as error:
                self._report(plugin, error.message)
                continue
            filters.append(made if plugin.name == CORE.name else self._guarded_filter(spec, made, plugin))
        return filters

    def _guarded_filter(self, spec: specs.FilterSpec, made: AccessFilter, plugin: PluginInfo) -> AccessFilter:
        from roar_core.filters.guarded import GuardedFilter

        return GuardedFilter(
            made, lambda error: self._report(plugin, f"filter `{spec.name}` raised {_summary(error)}")
        )

    def load_command(self, spec: specs.CommandSpec) -> Any:
        """Returns the `click.Command` that a specification names. Raises RoarError naming its distribution."""
        return self._guarded(spec, lambda: load_object(spec.factory))

    def _guarded(self, spec: Factory, make: Callable[[], object]) -> object:
        try:
            return make()
        except RoarError:
            raise
        except (Exception, SystemExit) as error:
            distribution = self.source(spec).distribution
            raise RoarError(
                f"cannot use `{spec.name}` of {distribution}: {_summary(error)}",
                f"pip install --force-reinstall {distribution}",
            ) from error

    def notify(self, hook: str, **arguments: object) -> None:
        """Calls a hook of all plugins. One that raises is named, and changes nothing."""
        self._call(hook, arguments)

    def describe(self, hook: str, **arguments: object) -> dict[str, object]:
        """Returns what the plugins answer to a hook, by plugin name, without those that have nothing to say."""
        return {plugin.name: answer for plugin, answer in self._call(hook, arguments) if answer}

    def _import(self, entry: EntryPoint) -> None:
        ours = hookspecs.API_VERSION
        try:
            plugin = load_object(entry.value)
            needed = getattr(plugin, "ROAR_API", ours)
            if needed[0] != ours[0] or needed > ours:
                raise RoarError(f"it needs plugin API {_dotted(needed)}; this roar has {_dotted(ours)}")
            self._add(entry, plugin)
        except RoarError as error:
            self._refuse(entry, error.message)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may fail in any way
            self._refuse(entry, _summary(error))

    def _refuse(self, entry: EntryPoint, reason: str) -> None:
        self.refused += (_info(entry),)
        self._report(_info(entry), reason)

    def _add(self, entry: EntryPoint, plugin: object) -> None:
        info = _info(entry)
        self._pluggy.register(plugin, entry.name)
        for caller in self._pluggy.get_hookcallers(plugin) or ():
            if not caller.has_spec():
                self._report(info, f"there is no hook of this name: `{caller.name}`")
        self.plugins[entry.name] = info

    def _collect(self, hook: str, kind: str, spec_type: type[Any]) -> None:
        registered: dict[str, tuple[Spec, PluginInfo]] = {}
        self._registered[hook] = registered
        for plugin, answer in self._call(hook, {}):
            for spec in answer if type(answer) in (list, tuple) else (answer,):  # a spec is a tuple, too
                name = str(getattr(spec, "key", None) or getattr(spec, "name", ""))
                if not isinstance(spec, spec_type):
                    self._report(
                        plugin, f"`{hook}` gave something that is no {spec_type.__name__}: `{spec!r}`"
                    )
                elif name in registered:
                    self.conflicts += (conflict(kind, name, registered[name][1], plugin),)
                else:
                    registered[name] = (spec, plugin)

    def _specs(self, hook: str, spec_type: type[SpecType]) -> tuple[SpecType, ...]:
        return tuple(spec for spec, _ in self._registered[hook].values() if isinstance(spec, spec_type))

    def _call(self, hook: str, arguments: Mapping[str, object]) -> list[tuple[PluginInfo, Any]]:
        """Each plugin on its own, so that one that raises does not keep the others from being asked."""
        answers: list[tuple[PluginInfo, Any]] = []
        found = {str(impl.plugin_name): impl for impl in getattr(self._pluggy.hook, hook).get_hookimpls()}
        for name, plugin in self.plugins.items():
            if name not in found:
                continue
            if self._trace is not None:
                self._trace(f"{name}: {hook}({', '.join(arguments)})")
            try:
                answers.append(
                    (plugin, found[name].function(*(arguments[key] for key in found[name].argnames)))
                )
            except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may fail in any way
                self._report(plugin, f"`{hook}` raised {_summary(error)}")
        return answers

    def _report(self, plugin: PluginInfo, reason: str) -> None:
        """One line on standard error for each plugin, however often it fails."""
        problem = PluginProblem(plugin.name, plugin.distribution, reason)
        if all(known.plugin != plugin.name for known in self.problems):
            self._warn(str(problem))
        self.problems += (problem,)


def _info(entry: EntryPoint) -> PluginInfo:
    return PluginInfo(entry.name, entry.distribution, entry.version)


def _summary(error: BaseException) -> str:
    """One line of at most a few hundred characters."""
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
