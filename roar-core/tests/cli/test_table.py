"""Columns, durations and ages at their borders."""

from __future__ import annotations

import pytest
from roar_core.cli.table import cells, columns, wrap
from roar_core.cli.text import one_line
from roar_core.cli.units import human_age, human_duration, human_size
from roar_core.setting_values import format_bytes

SECOND = 1_000_000_000


@pytest.mark.parametrize("width", [7, 20, 80])
@pytest.mark.parametrize(
    "text", ["one two three", "x" * 100, "a " + "漢" * 50, "", "one " + "y" * 30 + " two"]
)
def test_wrapped_text_fits_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_wrapped_column_goes_on_below_itself() -> None:
    text = columns([("name", "one two three four five six")], width=26, wrapped=True)
    assert text == "name  one two three four\n      five six"


def test_cut_column_says_so() -> None:
    assert columns([("name", "one two three")], width=14) == "name  one two…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢", "plain é 漢"),
        ("a\nb", "a⏎b"),
        ("a\tb\x1b[31m\x7f", "a␉b␛[31m␡"),
        ("a\x9b\u2028b", "a\ufffd\ufffdb"),
        ("\udce9", "\udce9"),
    ],
)
def test_text_that_would_command_the_terminal_becomes_pictures(text: str, shown: str) -> None:
    assert one_line(text) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.4, "just now"),
        (0.6, "1 s ago"),
        (59.4, "59 s ago"),
        (59.6, "1 min ago"),
        (3599.6, "1 h ago"),
        (86399.6, "1 d ago"),
        (-60, "in the future"),
    ],
)
def test_age_is_never_sixty_of_a_unit(seconds: float, shown: str) -> None:
    assert human_age(0, int(seconds * SECOND)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.0124, "12 ms"), (59.96, "1 min"), (3599.6, "1 h"), (90_000, "1 d 1 h")]
)
def test_duration_is_never_sixty_of_a_unit(seconds: float, shown: str) -> None:
    assert human_duration(seconds) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1024**2 - 1, "1.0 MiB"), (10 << 30, "10 GiB")],
)
def test_size_is_never_a_thousand_and_more_of_a_unit(size: int, shown: str) -> None:
    assert human_size(size) == shown


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0"), (1000, "1000"), (1024, "1KiB"), (256 << 20, "256MiB"), (3 << 40, "3TiB")]
)
def test_setting_in_bytes_is_shown_as_one_would_type_it(size: int, shown: str) -> None:
    assert format_bytes(size) == shown
