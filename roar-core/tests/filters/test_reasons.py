"""What the standard filters say of one file, by its path alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import roar_core.filters
from roar_core.filters.standard import STANDARD_FILTERS

PROJECT = "/home/me/project"
CONDA = "/home/me/miniconda3"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        # the project's own files
        (f"{PROJECT}/data/train.csv", None),
        (f"{PROJECT}/lib/python3/etc/usr/x", None),
        (f"{PROJECT}/.gitignore", None),
        (f"{PROJECT}/build/main.o", None),
        ("/data/train.csv", None),
        ("/mnt/disk/train.csv", None),
        # caches and environments, inside the project as well
        (f"{PROJECT}/.git/index", "version-control"),
        (f"{PROJECT}/sub/.hg/store/x", "version-control"),
        (f"{PROJECT}/.roar/roar.db", "roar"),
        (f"{PROJECT}/__pycache__/a.cpython-311.pyc", "compiled"),
        (f"{PROJECT}/pkg/__pycache__/a.nbi", "compiled"),
        (f"{PROJECT}/a.pyc", "compiled"),
        (f"{PROJECT}/node_modules/x/index.js", "environment"),
        (f"{PROJECT}/.venv/lib/python3.11/site-packages/numpy/core.py", "package"),
        (f"{PROJECT}/wandb/run-20240101/files/config.yaml", "tracker"),
        (f"{PROJECT}/mlruns/0/meta.yaml", "tracker"),
        (f"{PROJECT}/.neptune/x", "tracker"),
        # the system
        ("/usr/share/zoneinfo/UTC", "system"),
        ("/usr/lib/x86_64-linux-gnu/libc.so.6", "system"),
        ("/lib64/ld-linux-x86-64.so.2", "system"),
        ("/etc/hosts", "system"),
        ("/opt/cuda/lib/libcudart.so", "system"),
        ("/proc/self/maps", "system"),
        ("/sys/devices/system/cpu/online", "system"),
        ("/dev/urandom", "system"),
        ("/run/resolvconf/x", "system"),
        ("/var/lib/x", "system"),
        ("/home/me/.bashrc", "system"),
        ("/home/me/.config/git/config", "system"),
        # the user's set-up
        ("/home/me/.bash_aliases", "system"),
        ("/home/me/.Rprofile", "system"),
        ("/home/me/.config/fontconfig/fonts.conf", "system"),
        ("/home/me/.config/go/telemetry/local/weekends", "cache"),
        ("/home/me/.config/mine/settings.toml", None),
        ("/home/me/.oh-my-zsh/lib/git.zsh", "system"),
        ("/home/me/.bash_history", "system"),
        ("/home/me/.python-version", "system"),
        (f"{PROJECT}/.python-version", None),
        ("/home/me/.pyenv/shims/python3", "version-manager"),
        ("/home/me/.pyenv/libexec/pyenv-exec", "version-manager"),
        ("/home/me/.pyenv/version", "version-manager"),
        ("/home/me/.nvm/nvm.sh", "version-manager"),
        ("/home/me/.asdf/plugins/python/bin/exec-env", "version-manager"),
        ("/home/me/.local/share/mise/installs/x", "version-manager"),
        # data by convention
        ("/opt/ml/input/data/train.csv", None),
        ("/dev/shm/batch.npy", None),
        ("/run/media/me/disk/train.csv", None),
        # packages
        ("/usr/lib/python3.11/json/__init__.py", "package"),
        ("/usr/lib/python3/dist-packages/yaml/__init__.py", "package"),
        ("/home/me/.local/lib/python3.11/site-packages/x.py", "package"),
        (f"{CONDA}/lib/python3.12/json/__init__.py", "package"),
        (f"{CONDA}/lib/libopenblas.so.0", "package"),
        ("/home/me/R/x86_64-pc-linux-gnu-library/4.2/dplyr/R/dplyr.rdb", "package"),
        ("/home/me/R/analysis.R", None),
        (f"{PROJECT}/renv/library/R-4.2/x86_64-pc-linux-gnu/dplyr/DESCRIPTION", "package"),
        (f"{PROJECT}/renv/activate.R", None),
        # caches of libraries
        ("/home/me/.cache/pip/http/a", "cache"),
        ("/home/me/.cache/matplotlib/fontlist.json", "cache"),
        ("/home/me/.cache/torch/hub/checkpoints/resnet.pth", "cache"),
        ("/home/me/.triton/cache/x.cubin", "cache"),
        ("/tmp/torchinductor_me/ab/x.py", "cache"),
        ("/home/me/.cache/huggingface/hub/models--x/blobs/ab", None),
        ("/home/me/.cache/my-own-data/train.csv", None),
        ("/home/me/scikit_learn_data/covtype.bz2", None),
        # scratch
        ("/tmp/input.csv", None),
        ("/var/tmp/input.csv", None),
        # credentials
        ("/home/me/.aws/credentials", "credentials"),
        ("/home/me/.ssh/id_ed25519", "credentials"),
        ("/home/me/.netrc", "credentials"),
        ("/home/me/.docker/config.json", "credentials"),
        ("/home/me/.cache/huggingface/token", "credentials"),
        ("/home/me/.config/roar/config.toml", "credentials"),
        ("/run/secrets/kubernetes.io/serviceaccount/token", "credentials"),
        ("/etc/shadow", "credentials"),
        (f"{PROJECT}/.env", "credentials"),
        (f"{PROJECT}/.env.production", "credentials"),
        (f"{PROJECT}/.env.example", None),
        (f"{PROJECT}/config.json", None),
        (f"{PROJECT}/data/token", None),
    ],
)
def test_a_read_file_is_dropped_for_its_reason(
    judge: Callable[..., str | None], path: str, reason: str | None
) -> None:
    assert judge(path, interpreters=("/usr", CONDA)) == reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/usr/local/lib/libmine.so", None),
        ("/etc/mine.conf", None),
        ("/opt/mine/bin/tool", None),
        ("/proc/self/oom_score_adj", "system"),
        ("/tmp/scratch.bin", "temporary"),
        ("/var/tmp/scratch.bin", "temporary"),
        ("/home/me/.cache/huggingface/hub/models--x/blobs/ab", "cache"),
        ("/home/me/.bashrc", None),
        ("/home/me/.bash_history", "system"),
        ("/home/me/.pyenv/shims/.pyenv-shim", "version-manager"),
        (f"{PROJECT}/.venv/lib/python3.11/site-packages/x.py", "package"),
        (f"{PROJECT}/model.pt", None),
        ("/home/me/.aws/credentials", "credentials"),
    ],
)
def test_a_written_file_is_dropped_for_its_reason(
    judge: Callable[..., str | None], path: str, reason: str | None
) -> None:
    assert judge(path, written=True) == reason


@pytest.mark.parametrize(
    ("setting", "path", "written"),
    [
        ("filters.ignore_system_reads", "/usr/share/zoneinfo/UTC", False),
        ("filters.ignore_system_reads", "/home/me/.bashrc", False),
        ("filters.ignore_system_reads", "/home/me/.pyenv/version", False),
        ("filters.ignore_package_reads", "/home/me/.local/lib/python3.11/site-packages/x.py", False),
        ("filters.ignore_torch_cache", "/home/me/.cache/torch/x", False),
        ("filters.ignore_library_caches", "/home/me/.cache/pip/x", False),
        ("filters.ignore_tmp_files", "/tmp/x", True),
    ],
)
def test_a_setting_turns_its_filter_off(
    judge: Callable[..., str | None], setting: str, path: str, written: bool
) -> None:
    assert judge(path, written=written) is not None
    assert judge(path, written=written, off=(setting,)) is None


def test_every_setting_and_reason_is_in_the_table() -> None:
    table = roar_core.filters.__doc__ or ""
    for spec in STANDARD_FILTERS:
        if spec.setting:
            assert f"| {spec.setting.removeprefix('filters.')} " in table
    for reason in ("ignored", "credentials", "package", "environment", "version-control", "roar", "compiled"):
        assert f"| `{reason}` " in table
    for reason in ("cache", "tracker", "system", "temporary", "version-manager"):
        assert f"| `{reason}` " in table
