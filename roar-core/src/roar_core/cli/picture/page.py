"""A page that a browser shows without anything else: the picture, and the details of each run at a click."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from roar_core.cli.text import readable


def html_page(svg: str, title: str, summary: str, details: Mapping[str, Any]) -> str:
    """Returns the page. `details` by the id of a box: what is shown of it."""
    template = files("roar_core.cli.picture").joinpath("page.html").read_text(encoding="utf-8")
    # Inside a script element nothing may look like its end.
    data = readable(json.dumps(details, ensure_ascii=False)).replace("<", "\\u003c")
    parts = {
        "TITLE": html.escape(readable(title)),
        "SUMMARY": html.escape(readable(summary)),
        "SVG": svg,
        "DETAILS": data,
    }
    pieces = template.split("%%")  # text and names by turns, so that nothing put in is looked at again
    return "".join(parts[piece] if index % 2 else piece for index, piece in enumerate(pieces))
