import json
import os
import sys
import types

import pytest
from roar_core.capture import readiness
from roar_core.capture.choose import choose_tracer, forget
from roar_core.config import Environment, load_settings
from roar_core.errors import CannotStart, UsageError
from roar_core.plugin import TracerSpec, hookimpl
from roar_core.plugin.discovery import EntryPoint
from roar_core.plugin.manager import PluginManager
from roar_core.plugin.protocols import Availability, LaunchPlan


class FakeTracer:
    def __init__(self, program, answer):
        self.program, self.answer, self.asked = program, answer, 0

    def probe(self):
        self.asked += 1
        return self.answer

    def command(self, argv, options):
        return LaunchPlan((self.program, "--", *argv))


class Bench:
    """Tracers by name, and choosing among them."""

    def __init__(self, tmp_path, monkeypatch):
        self.folder, self.monkeypatch = tmp_path, monkeypatch
        self.environment = Environment(cache_home=str(tmp_path / "cache"))
        self.tracers, self.specs = {}, []
        self.texts = {}

    def add(self, name, priority, usable=True, platforms=("linux", sys.platform)):
        program = self.folder / name
        program.write_text(name)
        answer = Availability(
            usable, "1.0", None if usable else f"{name} can't", None if usable else f"mend {name}"
        )
        self.tracers[name] = FakeTracer(str(program), answer)
        self.specs.append(TracerSpec(name, f"fake_tracers:{name}", "…", priority, platforms))

    def choose(self, requested=None, **options):
        @hookimpl
        def roar_register_tracers():
            return self.specs

        module = types.ModuleType("fake_tracers")
        module.__dict__.update({name: (lambda t=tracer: t) for name, tracer in self.tracers.items()})
        module.roar_register_tracers = roar_register_tracers
        self.monkeypatch.setitem(sys.modules, "fake_tracers", module)
        plugins = PluginManager.load(
            self.environment, warn=print, entry_points=[EntryPoint("fake", "fake_tracers", "fake-dist", "1")]
        )
        environment = Environment(cache_home=self.environment.cache_home, setting_texts=self.texts)
        settings = load_settings(None, plugins.settings, environment)
        return choose_tracer(plugins, settings, environment, requested, **options)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    return Bench(tmp_path, monkeypatch)


def test_auto_takes_the_first_that_works(bench):
    bench.add("best", 30, usable=False)
    bench.add("good", 20)
    bench.add("last", 10)
    choice = bench.choose()
    assert (choice.spec.name, choice.warning) == ("good", None)
    assert bench.tracers["last"].asked == 0


def test_answer_is_remembered(bench):
    bench.add("good", 20)
    bench.choose()
    assert bench.choose().availability == Availability(True, "1.0")
    assert bench.tracers["good"].asked == 1


def test_other_program_file_is_asked_anew(bench):
    bench.add("good", 20)
    bench.choose()
    (bench.folder / "good").write_text("another one")
    bench.choose()
    assert bench.tracers["good"].asked == 2


def test_forgotten_one_is_asked_anew(bench):
    bench.add("good", 20)
    forget(bench.choose(), bench.environment)
    bench.choose()
    assert bench.tracers["good"].asked == 2


def test_no_is_asked_again_after_an_hour(bench, monkeypatch):
    bench.add("bad", 20, usable=False)
    bench.add("good", 10)
    bench.choose()
    bench.choose()
    assert bench.tracers["bad"].asked == 1
    now = readiness.time.time()
    monkeypatch.setattr(readiness.time, "time", lambda: now + readiness.ASK_AGAIN_SECONDS + 1)
    bench.choose()
    assert (bench.tracers["bad"].asked, bench.tracers["good"].asked) == (2, 1)


def test_damaged_memory_does_not_matter(bench):
    bench.add("good", 20)
    bench.choose()
    memory = bench.folder / "cache" / "roar" / "tracers.json"
    assert json.loads(memory.read_text())
    for damage in ("", "[]", "{", '{"x": 1}', memory.read_text().replace("usable", "useable")):
        memory.write_text(damage)
        assert bench.choose().spec.name == "good"


def test_memory_that_cannot_be_kept_does_not_matter(bench):
    bench.add("good", 20)
    for home in (None, "/proc/nothing"):
        bench.environment = Environment(cache_home=home)
        assert bench.choose().spec.name == "good"
    assert bench.tracers["good"].asked == 2


def test_default_that_does_not_work_is_replaced_with_a_word(bench):
    bench.add("mine", 10, usable=False)
    bench.add("other", 20)
    bench.texts = {"tracer.default": "mine"}
    choice = bench.choose()
    assert choice.spec.name == "other"
    assert choice.warning == "tracer `mine` does not work here (mine can't); using `other`"


def test_default_is_not_replaced_without_fallback(bench):
    bench.add("mine", 10, usable=False)
    bench.add("other", 20)
    bench.texts = {"tracer.default": "mine", "tracer.fallback": "false"}
    with pytest.raises(CannotStart):
        bench.choose()


def test_requested_one_is_not_replaced(bench):
    bench.add("mine", 10, usable=False)
    bench.add("other", 20)
    with pytest.raises(CannotStart, match="`mine`: mine can't"):
        bench.choose("mine")


def test_one_that_failed_to_start_is_passed_over(bench):
    bench.add("first", 20)
    bench.add("second", 10)
    choice = bench.choose(failed={"first": "no memory"})
    assert choice.spec.name == "second"
    assert "it failed to start: no memory" in choice.warning


def test_none_usable_gives_each_reason_and_hint(bench):
    bench.add("a", 20, usable=False)
    bench.add("b", 10, usable=False)
    with pytest.raises(CannotStart) as caught:
        bench.choose()
    assert caught.value.message == "cannot observe the command: `a`: a can't; `b`: b can't"
    assert caught.value.hint == "mend a; mend b; to run without recording files: roar run --tracer none …"
    assert caught.value.exit_status == 125


def test_none_installed_says_what_to_install(bench):
    with pytest.raises(CannotStart) as caught:
        bench.choose()
    assert caught.value.hint.startswith("pip install roar-tracer-ptrace")


def test_none_is_none(bench):
    bench.add("good", 20)
    assert bench.choose("none") is None


def test_unknown_name_names_the_nearest(bench):
    bench.add("ptrace", 20)
    with pytest.raises(UsageError) as caught:
        bench.choose("ptrac")
    assert caught.value.hint == "did you mean `ptrace`? there are auto, ptrace, none"


def test_tracer_of_another_platform_is_passed_over(bench):
    bench.add("mac", 30, platforms=("nowhere",))
    bench.add("good", 20)
    assert bench.choose().spec.name == "good"


def test_tracer_whose_probe_raises_is_passed_over(bench):
    bench.add("bad", 30)
    bench.tracers["bad"].probe = lambda: 1 / 0
    bench.add("good", 20)
    assert bench.choose().spec.name == "good"


def test_memory_holds_for_this_user_boot_and_namespace_only(bench):
    bench.add("good", 20)
    bench.choose()
    (key,) = json.loads((bench.folder / "cache" / "roar" / "tracers.json").read_text())
    with open("/proc/sys/kernel/random/boot_id") as boot:
        assert boot.read().strip() in key
    assert str(os.stat("/proc/self/ns/pid").st_ino) in key


def test_one_that_failed_to_start_is_asked_again(bench):
    bench.add("good", 20)
    choice = bench.choose()
    forget(choice, bench.environment)
    bench.choose()
    assert bench.tracers["good"].asked == 2


@pytest.mark.parametrize("field", ["asked", "usable", "version"])
def test_entry_of_another_type_does_not_matter(bench, field):
    bench.add("good", 20)
    bench.choose()
    memory = bench.folder / "cache" / "roar" / "tracers.json"
    entries = json.loads(memory.read_text())
    for entry in entries.values():
        entry[field] = ["nonsense"]
    memory.write_text(json.dumps(entries))
    assert bench.choose().spec.name == "good"


def test_disk_that_is_full_leaves_no_unfinished_file(bench, monkeypatch):
    bench.add("good", 20)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(readiness.os, "replace", full)
    assert bench.choose().spec.name == "good"
    assert list((bench.folder / "cache" / "roar").iterdir()) == []


def test_memory_does_not_grow_for_ever(bench):
    for number in range(70):
        bench.add(f"t{number}", number, usable=False)
    with pytest.raises(CannotStart):
        bench.choose()
    assert len(json.loads((bench.folder / "cache" / "roar" / "tracers.json").read_text())) == 64


def test_remembered_no_is_asked_again_before_nothing_is_started(bench):
    # Two sandboxes may look alike: what one of them forbids, the other may allow.
    bench.add("only", 20, usable=False)
    with pytest.raises(CannotStart):
        bench.choose()
    assert bench.tracers["only"].asked == 1
    bench.tracers["only"].answer = Availability(True, "1.0")
    assert bench.choose().spec.name == "only"
