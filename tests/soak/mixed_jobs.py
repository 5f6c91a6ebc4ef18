"""The jobs of a soak: a long one that touches the same files again and again, and short ones of every kind of end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from typing import NamedTuple

# Forks, opens, writes, renames and removes, for ever on the same names: a tracer has no reason to grow.
LONG = """
import os, time
os.makedirs("long", exist_ok=True)
round = 0
while not os.path.exists("stop"):
    round += 1
    for number in range(40):
        with open(f"long/{number}.new", "w") as file:
            file.write(f"{number}\\n")
        os.rename(f"long/{number}.new", f"long/{number}")
        with open(f"long/{number}") as file:
            file.read()
    with open("long/extra", "w") as file:
        file.write("x")
    os.remove("long/extra")
    pid = os.fork()
    if pid == 0:
        open("long/0").read()
        os._exit(0)
    os.waitpid(pid, 0)
    time.sleep(0.02)
"""
PYTHON = sys.executable


class ShortJob(NamedTuple):
    """`status` as `subprocess` gives it; `inner`: the script of a run inside it. No script: nothing can start."""

    script: str
    status: int = 0
    inner: str = ""


SHORT: Mapping[str, ShortJob] = {
    "pipeline": ShortJob("sort in | uniq -c | tee counts | wc -l > lines"),
    "many files": ShortJob(
        "mkdir -p many; for n in $(seq 200); do echo $n > many/$n; done; cat many/* > all"
    ),
    "python": ShortJob(f'{PYTHON} -c \'open("by-python", "w").write(open("in").read())\''),
    "processes": ShortJob("seq 50 | xargs -P 4 -n 1 sh -c 'cat in > part$0'"),
    "updates": ShortJob("cat in > data; for n in 1 2 3; do echo $n >> data; done; mv data moved; rm moved"),
    "failing": ShortJob("cat in > before-failing; exit 7", 7),
    "signalled": ShortJob("cat in > before-signal; kill -TERM $$", -signal.SIGTERM),
    "daemon": ShortJob("(sleep 1; cat in > late) < /dev/null > /dev/null 2>&1 & cat in > early"),
    "run inside": ShortJob(
        f"{PYTHON} -m roar_core run -q sh -c 'cat in > inner'; cat inner > outer", inner="cat in > inner"
    ),
    "roar killed": ShortJob("cat in > before-kill; kill -KILL $PPID; exec sleep 20", -signal.SIGKILL),
    "not found": ShortJob("", 127),
}
