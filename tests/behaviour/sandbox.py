"""Runs a command under a seccomp filter, as a sandbox or a container does: some calls fail with EPERM (seccomp(2)).

sandbox.py links COMMAND…        no symbolic link can be made
sandbox.py observing COMMAND…    nothing that a tracer could use: ptrace, seccomp, bpf, other processes' memory
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
RETURN_ALLOW, RETURN_ERRNO, EPERM = 0x7FFF0000, 0x00050000, 1
LOAD_WORD, JUMP_IF_EQUAL, RETURN = (
    0x20,
    0x15,
    0x06,
)  # BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K
NUMBERS = {
    "x86_64": {
        "links": (88, 266),  # symlink, symlinkat
        # ptrace, process_vm_readv, process_vm_writev, seccomp, bpf, perf_event_open, pidfd_getfd
        "observing": (101, 310, 311, 317, 321, 298, 438),
    },
    "aarch64": {"links": (36,), "observing": (117, 270, 271, 277, 280, 241, 438)},
}


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def main(forbidden: str, command: list[str]) -> None:
    numbers = NUMBERS[platform.machine()][forbidden]
    steps = [(LOAD_WORD, 0, 0, 0)]
    steps += [(JUMP_IF_EQUAL, len(numbers) - index, 0, number) for index, number in enumerate(numbers)]
    steps += [(RETURN, 0, 0, RETURN_ALLOW), (RETURN, 0, 0, RETURN_ERRNO | EPERM)]
    code = b"".join(struct.pack("<HBBI", *step) for step in steps)
    program = Program(len(steps), code)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0):
        sys.exit(f"no filter: {os.strerror(ctypes.get_errno())}")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
