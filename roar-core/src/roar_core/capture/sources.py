"""What of a report is the job's own: its inputs and outputs after the filters, code told from data, packages by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from roar_core.capture.record import EndedRun
from roar_core.capture.selection import Selector, named_files
from roar_core.capture.trace import FileLine
from roar_core.store.records import Drops

if TYPE_CHECKING:
    from roar_core.capture.surroundings import Surroundings
