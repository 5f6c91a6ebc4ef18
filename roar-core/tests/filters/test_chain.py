"""The chain itself: order, memory, speed."""

from __future__ import annotations

import time

import pytest
from roar_core.filters.chain import FilterChain
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

CONTEXT = FilterContext("/p", None, "/p", frozenset(["/p/named"]), (), {})


class Counts(AccessFilter):
    """Drops everything, and counts how often it was asked."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.asked = 0

    def drop_reason(self, access: Access) -> str | None:
        self.asked += 1
        return self.reason


class CountsFolders(Counts):
    by_folder = True


def read(path: str) -> Access:
    return Access(path, (), True, False)


def test_the_first_reason_is_given() -> None:
    assert FilterChain([Counts("one"), Counts("two")], CONTEXT).drop_reason(read("/x/y")) == "one"


def test_a_filter_by_folder_is_asked_once_for_each_folder_and_way_of_access() -> None:
    one = CountsFolders("one")
    chain = FilterChain([one], CONTEXT)
    for name in ("a", "b", "c"):
        assert chain.drop_reason(read(f"/x/{name}")) == "one"
    assert one.asked == 1
    chain.drop_reason(Access("/x/a", (), False, True))
    chain.drop_reason(read("/y/a"))
    assert one.asked == 3


def test_a_filter_without_attributes_does_not_drop_what_is_named() -> None:
    chain = FilterChain([Counts("one")], CONTEXT)
    assert chain.drop_reason(read("/p/named")) is None
    assert chain.drop_reason(read("/p/other")) == "one"


def test_keep_is_the_opposite_of_a_reason() -> None:
    class Nothing(AccessFilter):
        def drop_reason(self, access: Access) -> str | None:
            return None

    assert not Counts("one").keep(read("/x"))
    assert Nothing().keep(read("/x"))


def test_a_file_in_the_root_folder_is_judged() -> None:
    assert FilterChain([CountsFolders("one")], CONTEXT).drop_reason(read("/x")) == "one"


@pytest.mark.alone
def test_the_standard_chain_judges_150_000_accesses_a_second() -> None:
    from importlib import import_module

    from roar_core.filters.standard import STANDARD_FILTERS

    settings = {"filters.ignore_paths": ("*.log", "tmp/**")}
    context = FilterContext("/p", "/home/me", "/p", frozenset(["/p/train.py"]), ("/usr",), settings)
    factories = [spec.factory.partition(":") for spec in STANDARD_FILTERS]
    chain = FilterChain(
        [getattr(import_module(module), name)(context) for module, _, name in factories], context
    )
    folders = [f"/p/data/part{number}/x" for number in range(3000)]
    folders += [f"/usr/share/{number}" for number in range(2000)]
    accesses = [read(f"{folders[number % 5000]}/file_{number}.csv") for number in range(1_000_000)]
    began = time.process_time()
    dropped = sum(1 for access in accesses if chain.drop_reason(access))
    assert time.process_time() - began < 1_000_000 / 150_000
    assert dropped == 400_000
