"""An input of which there is something to be said."""

from __future__ import annotations

from typing import NamedTuple

from roar_core.lineage.currency import Verdict
from roar_core.store.current import RecordedInput


class Finding(NamedTuple):
    """An input that is not what it was, or of which that can't be told."""

    read: RecordedInput
    verdict: Verdict
