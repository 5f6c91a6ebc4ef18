import json

import pytest

FAKE = """
    from roar_core.plugin.protocols import Availability, LaunchPlan

    class Fake:
        def probe(self):
            return Availability({usable}, "1.5", {reason!r}, {hint!r})

        def command(self, argv, options):
            return LaunchPlan(("/bin/true", *argv))

    @hookimpl
    def roar_register_tracers():
        return [TracerSpec({name!r}, __name__ + ":Fake", "sees nothing", {priority})]
"""


@pytest.fixture
def add_tracer(install):
    def add(name, priority, usable=True):
        reason, hint = (None, None) if usable else ("no luck", "have luck")
        code = FAKE.format(name=name, priority=priority, usable=usable, reason=reason, hint=hint)
        install(f"{name}-dist", f"plugin-{name}", code)

    return add


def _rows(roar, **options):
    return {row["name"]: row for row in json.loads(roar("tracer", "status", "--json", **options).stdout)}


def test_status_says_what_works_and_why_not(roar, add_tracer):
    add_tracer("lucky", 190)
    add_tracer("unlucky", 200, usable=False)
    rows = _rows(roar)
    assert (rows["lucky"]["usable"], rows["lucky"]["version"], rows["lucky"]["chosen"]) == (True, "1.5", True)
    assert (rows["unlucky"]["reason"], rows["unlucky"]["hint"], rows["unlucky"]["chosen"]) == (
        "no luck",
        "have luck",
        False,
    )


def test_status_is_what_tracer_alone_does(roar, add_tracer):
    add_tracer("lucky", 190)
    add_tracer("unlucky", 200, usable=False)
    text = roar("tracer").stdout
    assert text == roar("tracer", "status").stdout
    assert "* lucky" in text
    assert "hint: unlucky: have luck" in text


@pytest.mark.parametrize("word", ["use", "set-default"])
def test_use_sets_the_default(roar, project, add_tracer, word):
    add_tracer("best", 300)
    add_tracer("mine", 200)
    roar("tracer", word, "mine")
    assert roar("config", "get", "tracer.default").stdout == "mine\n"
    assert _rows(roar)["mine"]["chosen"]


def test_use_of_one_that_does_not_work_says_so(roar, project, add_tracer):
    add_tracer("unlucky", 200, usable=False)
    assert "does not work here now: no luck" in roar("tracer", "use", "unlucky").stderr


def test_use_of_an_unknown_one_names_the_nearest(roar, project, add_tracer):
    add_tracer("lucky", 190)
    assert "did you mean `lucky`?" in roar("tracer", "use", "luck", status=2).stderr
