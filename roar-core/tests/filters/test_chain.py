"""The chain itself: order, memory, speed."""

from __future__ import annotations

import random
import time
from importlib import import_module

import pytest
from roar_core.filters.chain import FilterChain
from roar_core.filters.standard import STANDARD_FILTERS
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


class DropsLogs(AccessFilter):
    by_folder = True
    special_names = r".*\.log"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def drop_reason(self, access: Access) -> str | None:
        self.asked.append(access.path)
        return "log" if access.path.endswith(".log") else None


def test_files_of_a_folder_that_passed_are_kept_at_once_but_for_special_names() -> None:
    one = DropsLogs()
    chain = FilterChain([one], CONTEXT)
    assert not chain.keeps_at_once("/x/a", (), False)
    assert chain.drop_reason(read("/x/first.log")) == "log"
    assert not chain.keeps_at_once("/x/a", (), False)  # a special file says nothing of others
    assert chain.drop_reason(read("/x/a")) is None
    assert chain.keeps_at_once("/x/b", (), False)
    assert not chain.keeps_at_once("/x/b", (), True)
    assert not chain.keeps_at_once("/x/b", ("/y/b",), False)
    assert not chain.keeps_at_once("/x/y/b", (), False)
    assert not chain.keeps_at_once("/x/b.log", (), False)
    assert chain.drop_reason(read("/x/b")) is None
    assert chain.drop_reason(read("/x/b.log")) == "log"
    assert one.asked == ["/x/first.log", "/x/a", "/x/b.log"]


def test_filters_of_single_files_are_asked_whatever_is_known_of_a_folder() -> None:
    class Odd(AccessFilter):
        def drop_reason(self, access: Access) -> str | None:
            return "odd" if access.path.endswith("1") else None

    chain = FilterChain([Odd(), DropsLogs()], CONTEXT)
    assert [chain.drop_reason(read(f"/x/{number}")) for number in range(3)] == [None, "odd", None]
    assert len(chain.each_time) == 1


def standard_chain(settings: dict[str, object]) -> FilterChain:
    context = FilterContext("/p", "/home/me", "/p", frozenset(["/p/train.py"]), ("/usr",), settings)
    factories = [spec.factory.partition(":") for spec in STANDARD_FILTERS]
    return FilterChain(
        [getattr(import_module(module), name)(context) for module, _, name in factories], context
    )


def test_what_the_standard_chain_remembers_changes_no_verdict() -> None:
    folders = ["/p", "/p/data", "/p/.git", "/p/__pycache__", "/home/me", "/home/me/.ssh", "/home/me/.docker"]
    folders += ["/home/me/.config/fish", "/home/me/.cargo", "/etc", "/usr/lib", "/mnt", ""]
    names = [
        "a",
        "b.csv",
        ".env",
        ".env.local",
        ".env.sample",
        "id_rsa",
        "credentials",
        "config.json",
        "x.pyc",
    ]
    names += [
        "x.ji",
        ".bashrc",
        ".bash_history",
        "environments.txt",
        "krb5cc_7",
        "shadow",
        "n\n.pyc",
        "train.py",
    ]
    accesses = [
        Access(f"{folder}/{name}", (), not written, written)
        for folder in folders
        for name in names
        for written in (False, True)
    ]
    alone = {access: standard_chain({}).drop_reason(access) for access in accesses}
    for seed in range(20):
        shuffled = random.Random(seed).sample(accesses, len(accesses))
        chain = standard_chain({})
        for access in shuffled:
            at_once = chain.keeps_at_once(access.path, access.names, access.written)
            assert chain.drop_reason(access) == alone[access], access
            assert not at_once or alone[access] is None, access


@pytest.mark.alone
def test_the_standard_chain_judges_150_000_accesses_a_second() -> None:
    chain = standard_chain({"filters.ignore_paths": ("*.log", "tmp/**")})
    folders = [f"/p/data/part{number}/x" for number in range(3000)]
    folders += [f"/usr/share/{number}" for number in range(2000)]
    accesses = [read(f"{folders[number % 5000]}/file_{number}.csv") for number in range(1_000_000)]
    began = time.process_time()
    dropped = sum(1 for access in accesses if chain.drop_reason(access))
    assert time.process_time() - began < 1_000_000 / 150_000
    assert dropped == 400_000
