"""The word somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """Returns the known word most like `word`, or None when none is like it."""
    from difflib import get_close_matches  # wanted for errors only

    matches = get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return matches[0] if matches else None
