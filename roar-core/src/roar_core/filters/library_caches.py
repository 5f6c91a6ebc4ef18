"""What libraries and tools keep below the home folder to be faster the next time."""

from __future__ import annotations

import os

from roar_core.filters.locations import Location, is_below
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

# Below ~/.cache. Not everything there: a folder that nobody knows may hold the data of a job.
_CACHES = (
    *(
        "pip",
        "uv",
        "pypoetry",
        "pdm",
        "hatch",
        "pipenv",
        "pipx",
        "conda",
        "rattler",
        "mamba",
        "pixi",
        "pre-commit",
    ),
    *(
        "matplotlib",
        "fontconfig",
        "mesa_shader_cache",
        "mesa_shader_cache_db",
        "nvidia",
        "numba",
        "jax",
        "vllm",
        "tvm",
    ),
    *(
        "flashinfer",
        "pocl",
        "pyopencl",
        "pytools",
        "cupy",
        "bazel",
        "bazelisk",
        "ccache",
        "sccache",
        "go-build",
        "yarn",
    ),
    *(
        "npm",
        "node-gyp",
        "node",
        "pnpm",
        "deno",
        "bun",
        "electron",
        "ms-playwright",
        "puppeteer",
        "selenium",
        "clangd",
    ),
    *(
        "jedi",
        "black",
        "ruff",
        "mypy",
        "pylint",
        "ipython",
        "Cython",
        "wandb",
        "thumbnails",
        "dconf",
        "gstreamer-1.0",
    ),
    *(
        "R",
        "renv",
        "ghc",
        "cabal",
        "coursier",
        "vscode-cpptools",
        "com.vercel.cli",
        "huggingface/xet",
        "zig",
        "roar",
    ),
)
# Below the home folder itself.
_HOME_FOLDERS = (
    *(
        ".numba_cache",
        ".nv",
        ".cupy",
        ".npm",
        ".yarn",
        ".pnpm-store",
        ".conda/pkgs",
        ".mamba/pkgs",
        ".ccache",
        ".gradle",
    ),
    *(
        ".m2",
        ".ivy2",
        ".sbt",
        ".cargo",
        ".rustup",
        "go/pkg",
        ".julia",
        ".gem",
        ".bundle",
        ".nuget",
        ".ipython",
        ".jupyter",
    ),
    *(".local/share/jupyter", ".local/share/uv", ".local/share/pnpm", ".theano", ".cython", ".pyxbld"),
    *("Library/Caches", ".config/go"),
)
_HUB = ".cache/huggingface"


class LibraryCaches(AccessFilter):
    """Drops the caches of libraries below the home folder, by name.

    Of the Hugging Face cache only what the job itself put there: what it read there is data from the hub.
    """

    by_folder = True
    scope = "location"

    def __init__(self, context: FilterContext) -> None:
        home = context.home
        tops: list[str] = []
        if home is not None:
            tops += (os.path.join(home, ".cache", name) for name in _CACHES)
            tops += (os.path.join(home, name) for name in _HOME_FOLDERS)
        self._caches = Location(tops, context.project)
        self._hub = os.path.join(home, _HUB) if home else None

    def drop_reason(self, access: Access) -> str | None:
        """Returns `cache`, or None."""
        folder = os.path.dirname(access.path)
        if self._caches.contains(folder):
            return "cache"
        if access.written and self._hub is not None and is_below(folder, self._hub):
            return "cache"
        return None
