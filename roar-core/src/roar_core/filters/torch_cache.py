"""What PyTorch and Triton download and compile for themselves."""

from __future__ import annotations

import os
import re

from roar_core.filters.locations import Location, is_below
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

_HOME_FOLDERS = (".cache/torch", ".cache/torch_extensions", ".cache/triton", ".triton", ".inductor-cache")
# torch._inductor.runtime.cache_dir_utils: the default is below the folder for temporary files
_TEMPORARY = re.compile(r"/tmp/(?:torchinductor_|triton_|torch_compile_)[^/]*")


class TorchCache(AccessFilter):
    """Drops `~/.cache/torch` and the compilation caches of TorchInductor and Triton."""

    by_folder = True
    scope = "location"

    def __init__(self, context: FilterContext) -> None:
        tops = [os.path.join(context.home, name) for name in _HOME_FOLDERS] if context.home else []
        self._caches = Location(tops, context.project)
        self._project = context.project

    def drop_reason(self, access: Access) -> str | None:
        """Returns `cache`, or None."""
        folder = os.path.dirname(access.path)
        if self._caches.contains(folder):
            return "cache"
        if _TEMPORARY.match(folder) and not is_below(folder, self._project):
            return "cache"
        return None
