"""The specs of the standard filters, in the order in which they are asked; their reasons are in `roar_core.filters`."""

from __future__ import annotations

from roar_core.plugin.specs import FilterSpec

_PACKAGE = "roar_core.filters."

STANDARD_FILTERS = (
    FilterSpec("ignored-paths", _PACKAGE + "ignored_paths:IgnoredPaths", 10),
    FilterSpec("credentials", _PACKAGE + "credentials:Credentials", 20),
    FilterSpec("packages", _PACKAGE + "packages:PackageReads", 30, "filters.ignore_package_reads"),
    FilterSpec("environments", _PACKAGE + "environments:Environments", 40),
    FilterSpec("version-control", _PACKAGE + "version_control:VersionControl", 50),
    FilterSpec("cache-folders", _PACKAGE + "cache_folders:CacheFolders", 60),
    FilterSpec("trackers", _PACKAGE + "trackers:Trackers", 70),
    FilterSpec("compiled", _PACKAGE + "compiled:CompiledCode", 80),
    FilterSpec("system", _PACKAGE + "system:SystemReads", 90, "filters.ignore_system_reads"),
    FilterSpec("torch-cache", _PACKAGE + "torch_cache:TorchCache", 100, "filters.ignore_torch_cache"),
    FilterSpec(
        "library-caches", _PACKAGE + "library_caches:LibraryCaches", 110, "filters.ignore_library_caches"
    ),
    FilterSpec("temporary", _PACKAGE + "temporary:TemporaryFiles", 120, "filters.ignore_tmp_files"),
    FilterSpec(
        "version-managers", _PACKAGE + "version_managers:VersionManagers", 130, "filters.ignore_system_reads"
    ),
    FilterSpec("user-setup", _PACKAGE + "user_setup:UserSetup", 140, "filters.ignore_system_reads"),
)
