"""The conformance cases: each touches files in exactly one way, and says what a trace report must hold.

Paths are relative to the case's own fresh folder, which starts with the files `in` and `sub/in` (8,704 bytes each)
and the empty folder `priv`; absolute paths are taken as they are. In commands `{programs}` is the folder of the
compiled programs (programs/) and `{python}` a Python with numpy and pandas.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """One way to touch files.

    `reads`, `writes`: must be reported; `"a|b"` means that either name will do. `may_read`, `may_write`: tolerated.
    Anything else that is reported inside the case's folder, or is listed in `forbidden`, is an extra, and a failure;
    `tolerated_below` are folders in which anything may be reported.
    `renames`: pairs (old, new), `*` for a name that is not known beforehand. `programs`: names of programs that must be
    seen. `setup`: run before, unobserved (a string is a shell script). `status`: the exit status, or minus the signal.
    `stdin`, `stdout`: redirections made outside the observed tree. `background`: a shell script that runs meanwhile,
    unobserved. `outer`: a prefix around the tracer itself. `wait_seconds`: how long a daemon may take.
    """

    name: str
    command: tuple[str, ...]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    may_read: tuple[str, ...] = ()
    may_write: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    tolerated_below: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    programs: tuple[str, ...] = ()
    setup: str | tuple[str, ...] | None = None
    status: int = 0
    stdin: str | None = None
    stdout: str | None = None
    background: str | None = None
    outer: tuple[str, ...] = ()
    wait_seconds: int = 0
    needs_root: bool = False


def act(name: str, *arguments: str, case: str | None = None, **expected: object) -> Case:
    """A case that runs `act NAME ARGUMENTS` (programs/act.c); reads `in` and writes `out` unless told otherwise."""
    fields = {"reads": ("in",), "writes": ("out",), **expected}
    return Case(case or name, ("{programs}/act", name, *arguments), **fields)  # type: ignore[arg-type]


def shell(name: str, script: str, **expected: object) -> Case:
    """A case that runs a shell script."""
    return Case(name, ("sh", "-c", script), **expected)  # type: ignore[arg-type]


def python(name: str, code: str, **expected: object) -> Case:
    """A case that runs Python code."""
    return Case(f"py_{name}", ("{python}", "-c", code), **expected)  # type: ignore[arg-type]


EXISTING_OUTPUT = "cp in out"

# How a file is opened, read and written.
OPENING = [
    *(act(name) for name in ("open", "openat", "openat2", "fopen")),
    act("creat", reads=()),
    act("mkstemp", reads=(), renames=(("*", "out"),)),
    *(act(name) for name in ("pread", "preadv", "copy_file_range", "splice", "uring", "memfd")),
    *(act(name, writes=()) for name in ("mmap_shared_r", "mmap_private_w")),
    act("mmap_shared_w", reads=(), setup=EXISTING_OUTPUT, may_read=("out",)),
    *(act(name, reads=(), setup=EXISTING_OUTPUT) for name in ("truncate", "fallocate", "o_trunc")),
    # Opened for both: read by the rule, whatever happened.
    act("rdwr_write", reads=(), setup=EXISTING_OUTPUT, may_read=("out",)),
    act("rdwr_read", writes=()),
    act("empty_output", reads=()),
    act("read_then_write", reads=("io",), writes=("io",), setup="cp in io"),
    *(act(name, reads=()) for name in ("stat_only", "failed_open")),
    # Opened for reading: a tracer that does not watch read() calls it read.
    act("open_no_read", reads=(), may_read=("in",)),
]

# Names: rename, link, unlink.
TEMPORARY_TO_OUTPUT = (("tmp", "out"),)
NAMES = [
    *(
        act(name, reads=(), renames=TEMPORARY_TO_OUTPUT)
        for name in ("rename", "rename_open_fd", "uring_rename")
    ),
    act("rename", case="rename_over_existing", reads=(), setup=EXISTING_OUTPUT, renames=TEMPORARY_TO_OUTPUT),
    act("rename_exchange", reads=(), setup=EXISTING_OUTPUT, may_read=("out",)),
    act("rename_dir", reads=(), writes=("d/f",)),
    act("mv_input", reads=("in|moved",), writes=(), may_write=("moved",)),
    *(act(name, reads=()) for name in ("link_publish", "o_tmpfile")),
    act("write_unlink"),
]

# Relative paths, links, namespaces, and names that are hard to carry.
DIFFICULT_NAMES = {
    "spaces": "a b  c",
    "unicode": "données-模型-🤖",
    "nonutf8": os.fsdecode(b"x\xff\xfe"),
    "quote": "a'b\"c\\d",
    "backslash_x": "a\\x41",
}
LONG = "/".join(["d" * 199] * 19)  # about 3,900 bytes with the case's folder in front
PATHS = [
    *(act(name, reads=("sub/in",), writes=("sub/out",)) for name in ("dirfd", "chdir")),
    act("chdir_race", reads=(), writes=tuple(f"sub/o{i}" for i in range(200))),
    act(
        "chroot",
        reads=("root/in",),
        writes=("root/out",),
        setup="mkdir root; cp in root",
        forbidden=("/in", "/out"),
        needs_root=True,
    ),
    act("proc_fd"),
    act("deleted_cwd"),
    act("mntns", needs_root=True),
    act(
        "paths",
        "b/in",
        "b/out",
        case="bind_mount",
        reads=("b/in|sub/in",),
        writes=("b/out|sub/out",),
        setup="mkdir b",
        outer=("unshare", "-m", "sh", "-c", 'mount --bind sub b && exec "$0" "$@"'),
        needs_root=True,
    ),
    act(
        "paths",
        "ln",
        "lo",
        case="symlink",
        reads=("in|ln",),
        writes=("out|lo",),
        setup="ln -s in ln; ln -s out lo",
    ),
    act("paths", "hl", "out", case="hardlink", reads=("hl",), setup="ln in hl"),
    *(
        act(
            "paths",
            f"{path}.i",
            f"{path}.o",
            case=f"name_{kind}",
            reads=(f"{path}.i",),
            writes=(f"{path}.o",),
            setup=("cp", "in", f"{path}.i"),
        )
        for kind, path in DIFFICULT_NAMES.items()
    ),
    act(
        "paths",
        f"{LONG}/in",
        f"{LONG}/out",
        case="name_long",
        reads=(f"{LONG}/in",),
        writes=(f"{LONG}/out",),
        setup=("sh", "-c", 'mkdir -p "$0"; cp in "$0"', LONG),
    ),
]

# Descriptors and processes.
FROM_IN_TO_OUT: dict[str, object] = {"reads": ("in",), "writes": ("out",)}
PROCESSES = [
    *(act(name) for name in ("fork_fd", "exec_fd")),
    shell("shell_redirect", "cat < in > out", programs=("cat",), **FROM_IN_TO_OUT),
    Case("outer_redirect", ("cat",), ("in",), ("out",), stdin="in", stdout="out"),
    *(act(name) for name in ("vfork", "posix_spawn", "thread", "fexecve")),
    act("daemon", wait_seconds=2),
    *(act(name) for name in ("atexit", "close_range", "dup_over", "no_new_privs", "seccomp_kill", "ptracer")),
    act("sigkill_child"),
    act("sigkill", status=-9),
    act("popen", programs=("cat",)),
    Case("env_i", ("env", "-i", "{programs}/act", "open"), ("in",), ("out",), programs=("act",)),
    Case("static", ("{programs}/act_static", "open"), ("in",), ("out",)),
    Case("static_then_dynamic", ("{programs}/act_static", "popen"), ("in",), ("out",), programs=("cat",)),
    Case("static_pie", ("{programs}/act_spie", "open"), ("in",), ("out",)),
    Case("raw_no_libc", ("{programs}/raw",), ("in",), ("out",)),
    Case(
        "setuid",
        ("setpriv", "--reuid=65534", "--clear-groups", "{programs}/act_suid", "open"),
        ("in",),
        ("out",),
        needs_root=True,
    ),
    Case("strace_inside", ("strace", "-o", "/dev/null", "{programs}/act", "open"), ("in",), ("out",)),
    act(
        "many",
        reads=tuple(f"many/{i}" for i in range(10000)),
        writes=tuple(f"o{i}" for i in range(8)),
        setup="mkdir many; cd many; seq 0 9999 | xargs -n 500 touch; for i in *; do echo $i > $i; done",
    ),
    Case(
        "exec_script",
        ("./run.sh",),
        ("run.sh", "in"),
        ("out",),
        setup=r"printf '#!/bin/sh\ncat in > out\n' > run.sh; chmod +x run.sh",
        programs=("cat",),
    ),
    Case(
        "dlopen",
        ("{python}", "-c", "import ctypes; ctypes.CDLL('./lib.so')"),
        ("lib.so",),
        setup="cp {programs}/libplug.so lib.so",
    ),
    shell(
        "pipeline",
        "cat in | sort | tee mid | head -3 > out",
        reads=("in",),
        writes=("mid", "out"),
        programs=("cat", "sort", "tee", "head"),
    ),
    Case(
        "make_j4",
        ("make", "-s", "-j4"),
        ("Makefile", "in"),
        (*(f"t{i}" for i in range(1, 9)), "all"),
        may_read=tuple(f"t{i}" for i in range(1, 9)),
        programs=("make", "sort"),
        setup=r"printf 'all: t1 t2 t3 t4 t5 t6 t7 t8\n\tcat $^ > $@\nt%%: in\n\tsort $< > $@\n' > Makefile",
    ),
    Case(
        "gcc",
        ("gcc", "-O1", "-o", "prog", "m.c"),
        ("m.c", "m.h"),
        ("prog",),
        may_read=("prog",),
        programs=("cc1", "as", "ld"),
        setup="""echo 'int main(){return X;}' | sed '1i#include "m.h"' > m.c; echo '#define X 0' > m.h""",
    ),
    shell(
        "git_commit",
        "git -c user.name=a -c user.email=a@b commit -qam x",
        writes=(".git/index", ".git/refs/heads/main", ".git/COMMIT_EDITMSG"),
        may_read=("in",),
        tolerated_below=(".git/",),
        setup="git init -qb main .; git add in; git -c user.name=a -c user.email=a@b commit -qm i; echo y >> in",
    ),
]

# What is not a file, and files that others touch.
NOT_FILES = [
    *(act(name) for name in ("fifo", "socket", "readdir")),
    act(
        "open",
        case="open_beside_outsider",
        setup="cp in in2",
        background="while :; do echo x > outsider; cat in2 > /dev/null; done",
    ),
]

# Libraries as they are used.
POOL_SCRIPT = (
    r"printf 'import multiprocessing as m\ndef f(i): open(f\"o{i}\",\"w\").write(open(\"in\").read())\n"
    r"if __name__==\"__main__\":\n with m.get_context(\"%s\").Pool(2) as p: p.map(f, range(3))\n' > w.py"
)
SAVE_ARRAY = "import numpy as n; n.save('c.npy', n.arange({length}))"
PYTHON = [
    python("open", "open('out','w').write(open('in').read())", **FROM_IN_TO_OUT),
    python(
        "pathlib",
        "from pathlib import Path as P; P('out').write_bytes(P('in').read_bytes())",
        **FROM_IN_TO_OUT,
    ),
    python(
        "numpy_save",
        "import numpy as n; n.save('a.npy', n.arange(9)); n.savez('b.npz', x=n.load('c.npy'))",
        reads=("c.npy",),
        writes=("a.npy", "b.npz"),
        may_read=("b.npz",),
        setup=("{python}", "-c", SAVE_ARRAY.format(length=9)),
    ),
    python(
        "memmap_read",
        "import numpy as n; print(n.load('c.npy', mmap_mode='r').sum())",
        reads=("c.npy",),
        setup=("{python}", "-c", SAVE_ARRAY.format(length=9999)),
    ),
    python(
        "memmap_write",
        "import numpy as n; a=n.memmap('out', 'u1', 'w+', shape=9); a[:]=1; a.flush()",
        writes=("out",),
        may_read=("out",),
    ),
    *(
        Case(
            f"py_multiprocessing_{method}",
            ("{python}", "w.py"),
            ("in", "w.py"),
            ("o0", "o1", "o2"),
            setup=POOL_SCRIPT.replace('\\"', '"') % method,
        )
        for method in ("fork", "spawn")
    ),
    python(
        "subprocess",
        "import subprocess as s; s.run(['cat','in'], stdout=open('out','w'), check=True)",
        programs=("cat",),
        **FROM_IN_TO_OUT,
    ),
    python(
        "atomic_replace",
        "import tempfile,os; f=tempfile.NamedTemporaryFile('w',dir='.',delete=False); f.write('x'); f.close();"
        " os.replace(f.name,'out')",
        writes=("out",),
        renames=(("*", "out"),),
    ),
    python(
        "zipfile",
        "import zipfile as z; a=z.ZipFile('out.zip','w'); a.write('in'); a.close();"
        " z.ZipFile('src.zip').extractall('x')",
        reads=("in", "src.zip"),
        writes=("out.zip", "x/in"),
        setup=("{python}", "-m", "zipfile", "-c", "src.zip", "in"),
    ),
    python(
        "sqlite_wal",
        "import sqlite3; c=sqlite3.connect('db'); c.execute('pragma journal_mode=wal'); c.execute('create table t(x)');"
        " c.execute('insert into t values(1)'); c.commit(); c.close()",
        writes=("db",),
        may_read=("db", "db-wal"),
    ),
    python(
        "pandas",
        "import pandas as p; p.read_csv('d.csv').to_csv('out.csv')",
        reads=("d.csv",),
        writes=("out.csv",),
        setup=r"printf 'a,b\n1,2\n' > d.csv",
    ),
]

CASES = {case.name: case for case in [*OPENING, *NAMES, *PATHS, *PROCESSES, *NOT_FILES, *PYTHON]}

# What may be missing, by tracer, and under which declared gap. Anything else that is missing is a failure, whatever the
# report declares.
URING = {"ptrace": frozenset({"io_uring"}), "preload": frozenset({"io_uring"})}
TRACED = {"ptrace": frozenset({"traced_by_other"})}
ALLOWED_GAPS: dict[str, dict[str, frozenset[str]]] = {
    "uring": URING,
    "uring_rename": URING,
    # A program with more rights than its caller is left alone.
    "setuid": {"preload": frozenset({"set_id"})},
    "mntns": {"preload": frozenset({"other_namespace"})},
    "ptracer": TRACED,
    "strace_inside": TRACED,
}
