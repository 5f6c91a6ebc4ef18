"""Objects from the `"module:attribute"` texts in which plugins name them."""

from __future__ import annotations

from importlib import import_module


def load_object(reference: str) -> object:
    """Returns what `module:attribute` names, or the module without an attribute. Raises whatever importing does."""
    module, _, attribute = reference.partition(":")
    found: object = import_module(module)
    for name in filter(None, attribute.split(".")):
        found = getattr(found, name)
    return found
