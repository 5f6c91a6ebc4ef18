"""What of a report is the job's own: inputs and outputs after the filters, code told from data, packages by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from roar_core.capture.file_line import FileLine
from roar_core.capture.kept_inputs import KeptInputs
from roar_core.capture.selection import Selector
from roar_core.errors import DamagedReport
from roar_core.filters.chain import FilterChain
from roar_core.filters.named import named_paths
from roar_core.plugin.protocols import FilterContext
from roar_core.store.records import Drops

if TYPE_CHECKING:
    from roar_core.capture.record import EndedRun
    from roar_core.capture.surroundings import Surroundings


class Sources(NamedTuple):
    """What is to be digested and recorded of a run. `tracked`: the inputs that git tracks, absolute."""

    inputs: KeptInputs
    outputs: tuple[FileLine, ...] = ()
    drops: tuple[Drops, ...] = ()
    packages: tuple[Mapping[str, object], ...] = ()
    environment: Mapping[str, object] = {}
    code: frozenset[str] = frozenset()
    tracked: frozenset[str] = frozenset()

    def count_data(self) -> int:
        """Returns how many of the inputs are data."""
        return len(self.inputs) - len(self.code)

    def size_bytes(self) -> int:
        """Returns how many bytes all the files have, about."""
        return self.inputs.size_bytes + sum(
            line.after.size for line in self.outputs if line.after is not None
        )


def find_readable_sources(around: Surroundings, run: EndedRun) -> tuple[EndedRun, Sources]:
    """Returns the run with its sources; with those before the damage, and a gap, where its report is damaged."""
    try:
        return run, find_sources(around, run)
    except DamagedReport:
        if run.report is None:
            raise
        run = run._replace(report=run.report.cut_off())
        return run, find_sources(around, run)


def find_sources(around: Surroundings, run: EndedRun) -> Sources:
    """Returns what the run read and wrote that is worth recording, with all that is known of it but its bytes."""
    from roar_core.capture.code import find_code
    from roar_core.capture.git import tracked_files
    from roar_core.capture.interpreters import describe_interpreters, find_interpreters
    from roar_core.capture.packages import PackageCollector
    from roar_core.capture.system_packages import SystemPackageCollector

    report = run.report
    if report is None:
        return Sources(KeptInputs())
    root, cwd = str(around.project.root), run.header.cwd
    interpreters = find_interpreters(report.processes)
    context = FilterContext(
        project=root,
        home=around.environment.home,
        cwd=cwd,
        named=named_paths(run.header.argv, cwd, (process.exe for process in report.processes)),
        interpreters=tuple(interpreter.prefix for interpreter in interpreters),
        settings=around.settings,
    )
    packages = PackageCollector(interpreters)
    compiled: list[str] = []
    system = SystemPackageCollector(around.environment.cache_directory)
    collectors = {"package": packages.add, "compiled": compiled.append, "system": system.add}
    selector = Selector(_chain(around, context), collectors)
    outputs = tuple(selector.outputs(report.written()))
    inputs = KeptInputs(report)
    in_git: list[str] = []  # what git might track
    code = find_code(
        _noting_paths(inputs.survey(selector), in_git) if run.facts.git else inputs.survey(selector),
        report.processes,
        root,
    )
    loaded = [
        line
        for line in _loaded_through_bytecode(compiled, code, run.header.started_ns)
        if selector.keeps(line)
    ]
    inputs.add_loaded(loaded)
    in_git += [line.path for line in loaded]
    return Sources(
        inputs=inputs,
        outputs=outputs,
        drops=selector.drops.drops(),
        packages=packages.packages(),
        environment={**describe_interpreters(interpreters), **_if_any("system_packages", system.packages())},
        code=code | {line.path for line in loaded},
        tracked=tracked_files(around.project.root, in_git) if run.facts.git else frozenset(),
    )


def _if_any(key: str, value: Sequence[object]) -> dict[str, object]:
    return {key: list(value)} if value else {}


def _noting_paths(lines: Iterator[FileLine], paths: list[str]) -> Iterator[FileLine]:
    for line in lines:
        paths.append(line.path)
        yield line


def _loaded_through_bytecode(compiled: list[str], opened: frozenset[str], started_ns: int) -> list[FileLine]:
    """Returns lines for the sources that the job ran from bytecode and did not open; `opened`: all code that it did."""
    from roar_core.capture.bytecode import sources_behind

    return [
        FileLine(
            path=source.path,
            names=(),
            read=True,
            written=False,
            created=False,
            readers=(),
            writers=(),
            first_read_ns=started_ns,
            last_write_ns=None,
            write_kind=None,
            before=source.identity,
            after=source.identity,
            before_digest=None,
            preserved=None,
            fate="present",
            renamed_from=(),
        )
        for source in sources_behind(compiled)
        if source.path not in opened
    ]


def _chain(around: Surroundings, context: FilterContext) -> FilterChain:
    settings = around.settings
    filters = around.plugins.make_filters(
        lambda spec: spec.setting is None or settings.flag(spec.setting), context
    )
    return FilterChain(filters, context)
