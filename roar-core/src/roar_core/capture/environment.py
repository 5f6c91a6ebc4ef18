"""The environment of a job: variables that decide results, operating system, container."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from roar_core.capture.container import describe_container
from roar_core.capture.git_remote import without_password
from roar_core.capture.secret_names import looks_secret

# Language and time zone; environments; threads; devices; seeds and determinism; the job's place in a cluster.
_BUILT_IN = (
    *("LANG", "LANGUAGE", "LC_*", "TZ", "SOURCE_DATE_EPOCH"),
    *("VIRTUAL_ENV", "CONDA_DEFAULT_ENV", "CONDA_PREFIX", "PYTHONPATH", "LD_LIBRARY_PATH", "LD_PRELOAD"),
    *(
        "OMP_*",
        "GOMP_*",
        "KMP_*",
        "MKL_*",
        "OPENBLAS_*",
        "BLIS_*",
        "NUMEXPR_*",
        "VECLIB_*",
        "POLARS_MAX_THREADS",
    ),
    *("RAYON_NUM_THREADS", "TOKENIZERS_PARALLELISM", "NUMBA_NUM_THREADS", "GOMAXPROCS"),
    *(
        "CUDA_VISIBLE_DEVICES",
        "CUDA_DEVICE_ORDER",
        "CUDA_LAUNCH_BLOCKING",
        "CUDA_HOME",
        "CUBLAS_*",
        "CUDNN_*",
    ),
    *(
        "NVIDIA_VISIBLE_DEVICES",
        "NVIDIA_TF32_OVERRIDE",
        "HIP_VISIBLE_DEVICES",
        "ROCR_VISIBLE_DEVICES",
        "NCCL_*",
    ),
    *(
        "PYTHONHASHSEED",
        "PYTHONOPTIMIZE",
        "PYTHONDONTWRITEBYTECODE",
        "SEED",
        "*_SEED",
        "TF_DETERMINISTIC_OPS",
    ),
    *("TF_CUDNN_DETERMINISTIC", "TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS", "JAX_ENABLE_X64", "JAX_PLATFORMS"),
    *(
        "PYTORCH_CUDA_ALLOC_CONF",
        "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
    ),
    *(
        "RANK",
        "LOCAL_RANK",
        "WORLD_SIZE",
        "SLURM_JOB_ID",
        "SLURM_PROCID",
        "SLURM_NTASKS",
        "SLURM_ARRAY_TASK_ID",
    ),
    *("PBS_JOBID", "LSB_JOBID", "JOB_COMPLETION_INDEX"),
)
_LONGEST_VALUE = 4096


def collect_environment(variables: Mapping[str, str], allow_list: Iterable[str] = ()) -> dict[str, object]:
    """Returns `variables`, `os`, `kernel`, `machine` and, inside one, `container`.

    Of the variables those that are known to decide results, and those on the allow-list (names, or patterns with `*`);
    never one whose name looks secret. Passwords in addresses are taken out.
    """
    system = os.uname()
    found: dict[str, object] = {
        "variables": _allowed(variables, (*_BUILT_IN, *allow_list)),
        "kernel": f"{system.sysname} {system.release}",
        "machine": system.machine,
    }
    release = read_os_release()
    if release:
        found["os"] = release
    container = describe_container(variables)
    if container:
        found["container"] = container
    return found


def _allowed(variables: Mapping[str, str], patterns: tuple[str, ...]) -> dict[str, str]:
    names = {pattern for pattern in patterns if not re.search(r"[*?\[]", pattern)}
    globs = tuple(pattern for pattern in patterns if pattern not in names)
    allowed = {}
    for name, value in sorted(variables.items()):
        if (name in names or any(fnmatchcase(name, glob) for glob in globs)) and not looks_secret(name):
            allowed[name] = without_password(value)[:_LONGEST_VALUE]
    return allowed


def read_os_release(paths: tuple[str, ...] = ("/etc/os-release", "/usr/lib/os-release")) -> dict[str, str]:
    """Returns name, id and version of the operating system (os-release(5)), as far as it says."""
    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = file.read(1 << 16).splitlines()
        except OSError:
            continue
        fields = {key: value.strip("\"'") for key, _, value in (line.partition("=") for line in lines)}
        wanted = {"name": "PRETTY_NAME", "id": "ID", "version": "VERSION_ID"}
        return {key: fields[field] for key, field in wanted.items() if fields.get(field)}
    return {}
