"""Programs that start another program: what of a command line is theirs, and where the command begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple


class Launcher(NamedTuple):
    """How a launcher's own words end.

    `values`: options followed by that many words. `flags`: where it is given, every option that is in neither takes
    one word (programs with too many options to list, of which few are flags). `operands`: words of its own before
    the command.
    `subcommand`: it launches only under this first word. `runs`: what stands where the command does.
    `module`, `command`: options that say that a module name, or a command after all, follows.
    """

    values: Mapping[str, int] = {}
    flags: frozenset[str] | None = None
    operands: int = 0
    subcommand: str | None = None
    runs: Literal["command", "script"] = "command"
    module: frozenset[str] = frozenset()
    command: frozenset[str] = frozenset()


def end_of_launcher(launcher: Launcher, words: Sequence[str]) -> tuple[int, str] | None:
    """Returns where in `words`, the launcher's name being the first, its command begins and what stands there.

    That is command, script or module; None where this use of it launches nothing.
    """
    at = 1
    runs: str = launcher.runs
    waiting = [launcher.subcommand] if launcher.subcommand else []
    operands = launcher.operands
    while at < len(words):
        word = words[at]
        if word == "--" and not waiting:
            at += 1
            break
        if word.startswith("-") and word != "-":
            runs = "module" if word in launcher.module else "command" if word in launcher.command else runs
            at += 1 + _words_taken(launcher, word)
        elif waiting:
            if word != waiting.pop():
                return None
            at += 1
        elif operands:
            operands -= 1
            at += 1
        else:
            break
    return (at, runs) if at < len(words) and not waiting else None


def _words_taken(launcher: Launcher, option: str) -> int:
    if option in launcher.values:
        return launcher.values[option]
    if launcher.flags is None or option in launcher.flags or option in launcher.module | launcher.command:
        return 0
    return 0 if "=" in option else 1


def _one(options: str) -> dict[str, int]:
    return dict.fromkeys(options.split(), 1)


def _flags(options: str) -> frozenset[str]:
    return frozenset(options.split())


_RUN = Launcher(_one("-n --name -p --prefix --cwd -C --directory --project -P --env -e"), subcommand="run")
_MODULE = _flags("-m --module")
_MPI = Launcher(
    {
        **_one(
            "-n -np --np -c -N -H -host --host -hosts -f -hostfile --hostfile -machinefile --machinefile "
            "-x -wdir --wdir -wd -npernode --npernode -ppn -map-by --map-by -bind-to --bind-to -rank-by "
            "--rank-by -prefix --prefix -output-filename --output-filename -rf --rankfile -genvlist "
            "-iface -launcher --timeout -timeout"
        ),
        **dict.fromkeys(("-mca", "--mca", "-genv", "-env", "--gmca", "-gmca"), 2),
    }
)

LAUNCHERS: Mapping[str, Launcher] = {
    "env": Launcher(_one("-u --unset -C --chdir")),
    "nice": Launcher(_one("-n --adjustment")),
    "ionice": Launcher(_one("-c -n --class --classdata")),
    "time": Launcher(_one("-o --output -f --format")),
    "timeout": Launcher(_one("-s --signal -k --kill-after"), operands=1),
    "nohup": Launcher(),
    "setsid": Launcher(),
    "exec": Launcher(_one("-a")),
    "stdbuf": Launcher(_one("-i -o -e --input --output --error")),
    "unbuffer": Launcher(),
    "sudo": Launcher(_one("-u --user -g --group -h -p -C -D -R -T")),
    "doas": Launcher(_one("-u -C")),
    "taskset": Launcher(operands=1),
    "chrt": Launcher(operands=1),
    "numactl": Launcher(_one("-i -p -P -m -w -N -C -l")),
    "flock": Launcher(_one("-w --wait --timeout -E"), operands=1),
    "caffeinate": Launcher(_one("-t -w")),
    "xvfb-run": Launcher(
        _one("-e --error-file -f --auth-file -n --server-num -p --xauth-protocol -s --server-args -w --wait")
    ),
    "uv": Launcher(
        _one(
            "--with --with-editable --with-requirements --extra --group --no-group --only-group "
            "--no-extra -p --python --env-file --project --directory --package --index --default-index -i "
            "--index-url --extra-index-url -f --find-links --cache-dir --config-file --color "
            "--python-platform --refresh-package --reinstall-package -P --upgrade-package -C "
            "--config-setting --link-mode --prerelease --resolution --exclude-newer --keyring-provider "
            "--index-strategy --no-build-package --no-binary-package --allow-insecure-host -w"
        ),
        subcommand="run",
        module=_MODULE,
    ),
    "poetry": _RUN,
    "conda": _RUN,
    "mamba": _RUN,
    "micromamba": _RUN,
    "pdm": _RUN,
    "hatch": _RUN,
    "pipenv": _RUN,
    "pixi": _RUN,
    "rye": _RUN,
    "torchrun": Launcher(
        flags=_flags("--standalone --run-path --run_path --use-env --use_env --help -h"),
        runs="script",
        module=_MODULE,
        command=_flags("--no-python --no_python"),
    ),
    "accelerate": Launcher(
        flags=_flags(
            "--cpu --multi_gpu --multi-gpu --tpu --ipex --quiet -q --use_deepspeed --use-deepspeed "
            "--use_fsdp --use-fsdp --use_megatron_lm --use_xpu --same_network --same-network --debug "
            "--downcast_bf16 --use_mps_device --enable_cpu_affinity --use_parallelism_config "
            "--tpu_use_cluster --tpu_use_sudo --no_tpu_cluster"
        ),
        subcommand="launch",
        runs="script",
        module=_MODULE,
        command=_flags("--no_python --no-python"),
    ),
    "deepspeed": Launcher(
        flags=_flags(
            "--force_multi --no_local_rank --no_ssh --save_pid --enable_each_rank_log --bind_cores_to_rank"
        ),
        runs="script",
        module=_flags("--module"),
        command=_flags("--no_python"),
    ),
    "horovodrun": Launcher(_one("-np --num-proc -H --hosts --hostfile -p --ssh-port")),
    "mpirun": _MPI,
    "mpiexec": _MPI,
    "orterun": _MPI,
    "prun": _MPI,
    "srun": Launcher(
        flags=_flags(
            "--exclusive -s --oversubscribe -l --label -u --unbuffered -v -vv -Q --quiet -k --no-kill "
            "--pty -O --overcommit -E --preserve-env -H --hold -b --overlap --contiguous -W0 --multi-prog"
        )
    ),
    "coverage": Launcher(
        _one("--rcfile --source --include --omit --context --concurrency --data-file"),
        subcommand="run",
        runs="script",
        module=_MODULE,
    ),
    "cProfile": Launcher(_one("-o -s"), runs="script", module=_MODULE),
    "pdb": Launcher(_one("-c"), runs="script", module=_MODULE),
    "kernprof": Launcher(_one("-o -s -p -i"), runs="script", module=_MODULE),
    "debugpy": Launcher(
        _one("--listen --connect --log-to --configure-subProcess"), runs="script", module=_MODULE
    ),
}

MODULE_LAUNCHERS: Mapping[str, str] = {
    "torch.distributed.run": "torchrun",
    "torch.distributed.launch": "torchrun",
    "horovod.runner": "horovodrun",
    "profile": "cProfile",
    "kernprof": "kernprof",
    **{
        name: name
        for name in ("coverage", "cProfile", "pdb", "debugpy", "uv", "poetry", "pipenv", "hatch", "pdm")
    },
}
