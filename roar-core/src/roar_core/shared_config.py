"""`.roarconfig`, committed with a project. A stranger may have made it, so it can only say what to leave out."""

from __future__ import annotations

from roar_core.config_file import read_config_file
from roar_core.errors import UsageError
from roar_core.project import Project

SHARED_KEY = "filters.ignore_paths"


def read_shared_patterns(project: Project) -> tuple[str, ...]:
    """Returns the patterns of paths to leave out. Raises UsageError for anything else that stands there."""
    path = project.shared_config_file
    values = read_config_file(path)
    for key in values:
        if key != SHARED_KEY:
            raise UsageError(
                f"setting can't be shared, only {SHARED_KEY}, in `{path}`: `{key}`", f"edit {path}"
            )
    patterns = values.get(SHARED_KEY, [])
    if not isinstance(patterns, list) or not all(
        isinstance(pattern, str) and pattern for pattern in patterns
    ):
        raise UsageError(f"cannot understand {SHARED_KEY} in `{path}`: not a list of texts", f"edit {path}")
    return tuple(patterns)
