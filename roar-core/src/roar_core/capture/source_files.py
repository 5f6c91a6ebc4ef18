"""What is source code by its name."""

from __future__ import annotations

_SUFFIXES = frozenset(
    (
        *("py", "pyi", "pyx", "pxd", "pxi", "pyw", "ipy", "pyz"),
        *(
            "sh",
            "bash",
            "zsh",
            "ksh",
            "fish",
            "awk",
            "sed",
            "tcl",
            "ps1",
            "bat",
            "mk",
            "cmake",
            "am",
            "ac",
            "m4",
        ),
        *(
            "r",
            "rmd",
            "qmd",
            "jl",
            "m",
            "pl",
            "pm",
            "pod",
            "rb",
            "rake",
            "lua",
            "php",
            "ex",
            "exs",
            "erl",
            "hs",
            "ml",
            "mli",
        ),
        *(
            "c",
            "h",
            "cc",
            "cpp",
            "cxx",
            "c++",
            "hh",
            "hpp",
            "hxx",
            "h++",
            "inl",
            "ipp",
            "tcc",
            "cu",
            "cuh",
            "cl",
            "metal",
        ),
        *(
            "f",
            "for",
            "f77",
            "f90",
            "f95",
            "f03",
            "f08",
            "rs",
            "go",
            "java",
            "kt",
            "kts",
            "scala",
            "groovy",
            "swift",
            "cs",
        ),
        *(
            "js",
            "mjs",
            "cjs",
            "jsx",
            "ts",
            "mts",
            "cts",
            "tsx",
            "vue",
            "svelte",
            "s",
            "asm",
            "v",
            "sv",
            "vhd",
            "vhdl",
        ),
        *(
            "sql",
            "stan",
            "smk",
            "nf",
            "wdl",
            "cwl",
            "proto",
            "thrift",
            "y",
            "l",
            "ll",
            "td",
            "lisp",
            "el",
            "clj",
            "scm",
        ),
        *("zig", "nim", "dart", "pas", "ads", "adb", "cob", "sol", "wgsl", "glsl", "hlsl", "gradle"),
    )
)
_NAMES = frozenset(
    (
        *(
            "Makefile",
            "makefile",
            "GNUmakefile",
            "CMakeLists.txt",
            "meson.build",
            "SConstruct",
            "SConscript",
            "Rakefile",
        ),
        *(
            "Justfile",
            "justfile",
            "Snakefile",
            "Dockerfile",
            "Containerfile",
            "Jenkinsfile",
            "BUILD.bazel",
            "WORKSPACE",
        ),
        # what decides which interpreter runs
        *(".python-version", ".node-version", ".nvmrc", ".ruby-version", ".tool-versions", "mise.toml"),
    )
)
_PYTHON = frozenset(("py", "pyi", "pyw", "ipy"))


def is_source(path: str) -> bool:
    """Returns whether a file's name is one of source code. Notebooks, tables and settings are data."""
    name = path[path.rfind("/") + 1 :]
    dot = name.rfind(".")
    return (dot > 0 and name[dot + 1 :].lower() in _SUFFIXES) or name in _NAMES


def is_python_source(path: str) -> bool:
    """Returns whether a file's name is one of Python code."""
    return path.rpartition(".")[2] in _PYTHON and is_source(path)
