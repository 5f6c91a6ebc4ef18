"""The container that roar runs in, from the marks that container engines leave."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

_KINDS = re.compile(r"\b(kubepods|docker|libpod|lxc|containerd|machine-[\w.-]+\.scope)")
_NAMES = {"kubepods": "kubernetes", "libpod": "podman"}
_ID = re.compile(r"(?:containers|docker|libpod|cri-containerd|crio)[-/:]([0-9a-f]{64})")


def describe_container(variables: Mapping[str, str], root: str = "") -> dict[str, str]:
    """Returns kind, and id and image where they are known; empty outside containers. `root` stands before all paths."""
    kind = _kind(variables, root)
    if kind is None:
        return {}
    found = {"kind": kind}
    mounts = _read(f"{root}/proc/self/cgroup") + _read(f"{root}/proc/self/mountinfo")
    identifier = _ID.search(mounts)
    if identifier:
        found["id"] = identifier[1]
    image = re.search(r'^image="?([^"\n]+)', _read(f"{root}/run/.containerenv"), re.MULTILINE)
    name = (
        image[1] if image else variables.get("APPTAINER_CONTAINER") or variables.get("SINGULARITY_CONTAINER")
    )
    if name:
        found["image"] = name
    return found


def _kind(variables: Mapping[str, str], root: str) -> str | None:
    if "KUBERNETES_SERVICE_HOST" in variables:
        return "kubernetes"
    for name in ("APPTAINER", "SINGULARITY"):
        if f"{name}_CONTAINER" in variables:
            return name.lower()
    for path, kind in (("/run/.containerenv", "podman"), ("/.dockerenv", "docker")):
        if os.path.exists(root + path):
            return kind
    told = _read(f"{root}/run/systemd/container").strip() or variables.get("container", "")
    if told:
        return told
    group = _KINDS.search(_read(f"{root}/proc/self/cgroup"))
    return None if group is None or group[1].startswith("machine-") else _NAMES.get(group[1], group[1])


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1 << 18)
    except OSError:
        return ""
