"""The text of source files that were recorded by digest alone, wherever it can still be had."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from roar_core.capture.git_command import GitProcess

if TYPE_CHECKING:
    from roar_core.plugin.protocols import Hasher

MOST_BYTES = 1 << 20
GIT_SECONDS = 5.0


class CodeTexts:
    """Looks for source files by digest: on disk, in `.roar/kept`, and in the commits that jobs ran at."""

    def __init__(self, root: Path, kept: Path, hashers: Mapping[str, Hasher]) -> None:
        """`hashers` by the algorithms by which contents were recorded; `kept`: the folder of code that git lacks."""
        self._root = root
        self._kept = kept
        self._hashers = hashers

    def find(self, path: str, digest: str, commits: Iterable[str | None]) -> str | None:
        """Returns the text with this digest (`algorithm:hex`) at a path from the root; None where it is nowhere."""
        algorithm, _, value = digest.partition(":")
        hasher = self._hashers.get(algorithm)
        for data in self._candidates(path, value, commits):
            if hasher is not None and hasher.hash_bytes(data).hex() == value:
                return data.decode(errors="replace")
        return None

    def _candidates(self, path: str, value: str, commits: Iterable[str | None]) -> Iterator[bytes]:
        for name in (os.path.join(self._root, path), os.path.join(self._kept, value)):
            try:
                with open(name, "rb") as file:
                    yield file.read(MOST_BYTES)
            except (OSError, ValueError):
                continue
        if os.path.isabs(path):
            return
        for commit in dict.fromkeys(commits):
            data = self._at_commit(path, commit) if commit else None
            if data is not None:
                yield data

    def _at_commit(self, path: str, commit: str) -> bytes | None:
        try:
            process = GitProcess(self._root, ("cat-file", "blob", f"{commit}:./{path}"))
        except OSError:
            return None
        output = process.finish(time.monotonic() + GIT_SECONDS, MOST_BYTES)
        return output.text if output.status == 0 else None
