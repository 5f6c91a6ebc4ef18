"""The settings of the core; `roar config list` shows them with those of the plugins."""

from __future__ import annotations

from roar_core.plugin.specs import SettingSpec

SETTINGS = (
    SettingSpec("output.quiet", "bool", False, "no summary line after a run, as with `roar run -q`"),
    SettingSpec("output.track_repo_files", "bool", False, "list the job's own source code among its inputs"),
    SettingSpec(
        "filters.ignore_system_reads", "bool", True, "leave out files of the operating system that a job read"
    ),
    SettingSpec(
        "filters.ignore_package_reads",
        "bool",
        True,
        "leave out installed packages, which are recorded by name and version",
    ),
    SettingSpec(
        "filters.ignore_library_caches",
        "bool",
        True,
        "leave out caches that libraries keep below the home folder",
    ),
    SettingSpec("filters.ignore_torch_cache", "bool", True, "leave out the caches of PyTorch and Triton"),
    SettingSpec(
        "filters.ignore_tmp_files",
        "bool",
        True,
        "leave out files below /tmp that the job itself wrote",
    ),
    SettingSpec(
        "filters.ignore_paths",
        "list",
        (),
        "leave out files whose path matches one of these patterns (`logs/**`)",
    ),
    SettingSpec(
        "composite.threshold", "int", 1000, "how many files of a job make a folder one composite artifact"
    ),
    SettingSpec("hash.primary", "str", "blake3", "the digest algorithm that names a file's content"),
    SettingSpec("hash.run", "list", (), "further digest algorithms for what `roar run` records"),
    SettingSpec(
        "tracer.default",
        "str",
        "auto",
        "the tracer that observes jobs; `auto` takes the best that works here",
    ),
    SettingSpec("tracer.fallback", "bool", True, "take another tracer where the default one does not work"),
    SettingSpec(
        "tracer.preserve_limit",
        "bytes",
        256 << 20,
        "largest file that is digested before a job overwrites what it has read",
    ),
    SettingSpec(
        "tracer.keep_bytes",
        "bool",
        False,
        "keep a copy of inputs that a job overwrites or removes, in .roar/kept",
    ),
    SettingSpec(
        "capture.keep_code",
        "bool",
        True,
        "keep a copy of the project's code that a job ran and that git does not have, in .roar/kept",
    ),
    SettingSpec(
        "capture.env_vars",
        "list",
        (),
        "further environment variables to record, or patterns (`SLURM_*`); never those whose names look secret",
    ),
    SettingSpec(
        "run.digest_seconds",
        "float",
        60.0,
        "longest that digesting holds up a run that has ended; the rest is done later",
    ),
    SettingSpec("git.remote", "str", "origin", "the git remote whose address is recorded"),
    SettingSpec(
        "logging.level",
        "str",
        "warning",
        "which of roar's own messages are shown on standard error",
        choices=("debug", "info", "warning", "error"),
    ),
)
