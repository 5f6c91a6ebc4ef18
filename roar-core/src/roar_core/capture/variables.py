"""The variables that every job of a project is given (`roar env`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from roar_core.config_file import read_config_file
from roar_core.errors import UsageError

if TYPE_CHECKING:
    from roar_core.project import Project

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_variables(project: Project) -> Mapping[str, str]:
    """Returns the variables by name. Raises UsageError where the file does not hold texts by name."""
    path = project.variables_file
    variables: dict[str, str] = {}
    for name, value in read_config_file(path).items():
        if not NAME.fullmatch(name) or not isinstance(value, str) or "\0" in value:
            raise UsageError(f"not a variable with a text in `{path}`: `{name}`", f"roar env unset {name}")
        variables[name] = value
    return variables
