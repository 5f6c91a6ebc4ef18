"""The compiled programs and the folders of the conformance cases."""

from __future__ import annotations

import pytest
from runner import Bench, make_bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return make_bench(tmp_path_factory.mktemp("conformance"))
