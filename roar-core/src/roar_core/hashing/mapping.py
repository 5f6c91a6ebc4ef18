"""A program: BLAKE3 of its standard input, a regular file, which it maps piece by piece.

  mapping.py PACKAGES SIZE PARENT

PACKAGES is the folder that holds the package `blake3`, PARENT the process that wants to know. Writes the 32 bytes of
the digest of the first SIZE bytes. A file that is shorter, or becomes so, ends it by an error or SIGBUS. It also ends
when PARENT has ended, after the piece that is at work then.
"""

import mmap
import os
import resource
import sys

PIECE_BYTES = 64 << 20  # as fast as the whole file at once, and no more memory than that is ever taken up


def main() -> None:
    """Raises ValueError: the file is shorter."""
    size, parent = int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # SIGBUS is no failure that anybody has to look into
    sys.path.append(sys.argv[1])
    from blake3 import blake3

    state = blake3(max_threads=blake3.AUTO)
    for offset in range(0, size, PIECE_BYTES):
        if os.getppid() != parent:
            sys.exit("nobody wants to know any more")
        length = min(PIECE_BYTES, size - offset)
        with mmap.mmap(sys.stdin.fileno(), length, prot=mmap.PROT_READ, offset=offset) as piece:
            state.update(piece)
    sys.stdout.buffer.write(state.digest())


if __name__ == "__main__":
    main()
