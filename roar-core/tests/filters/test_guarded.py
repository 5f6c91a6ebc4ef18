"""A plugin's filter that fails in any way costs no record."""

from __future__ import annotations

import pytest
from roar_core.filters.chain import FilterChain
from roar_core.filters.guarded import GuardedFilter
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

CONTEXT = FilterContext("/p", None, "/p", frozenset(), (), {})


class Temporary(AccessFilter):
    by_folder = True
    special_names: object = r"tmp\d+"

    def drop_reason(self, access: Access) -> str | None:
        return "temporary" if access.path.startswith("/p/tmp") else None


def read(path: str) -> Access:
    return Access(path, (), True, False)


def test_what_the_filter_says_of_folders_is_passed_on() -> None:
    problems: list[BaseException] = []
    chain = FilterChain([GuardedFilter(Temporary(), problems.append)], CONTEXT)
    assert chain.drop_reason(read("/p/a")) is None
    assert chain.keeps_at_once("/p/b", (), False)
    assert not chain.keeps_at_once("/p/tmp1", (), False)
    assert chain.drop_reason(read("/p/tmp1")) == "temporary"
    assert not problems


@pytest.mark.parametrize("names", ["(tmp", "(?P<name>tmp)", "(t)\\1", 7, b"tmp"])
def test_an_expression_that_cannot_be_used_is_said_and_each_file_is_asked_about(names: object) -> None:
    class Odd(Temporary):
        special_names = names

    problems: list[BaseException] = []
    chain = FilterChain([GuardedFilter(Odd(), problems.append)], CONTEXT)
    assert len(problems) == 1
    assert chain.drop_reason(read("/p/a")) is None
    assert chain.drop_reason(read("/p/tmp1")) == "temporary"
    assert len(chain.each_time) == 1
