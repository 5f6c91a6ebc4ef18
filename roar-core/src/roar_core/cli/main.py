"""The entry point. It imports next to nothing, so that Ctrl-C is understood while the rest is being imported."""

from __future__ import annotations

import gc
import sys

# Python looks for garbage in circles whenever 700 objects were made, among all there are: an eighth of what it takes to
# read ten thousand jobs. A command makes next to none, and is soon over.
_OBJECTS_BETWEEN_COLLECTIONS = 1_000_000


def main() -> None:
    """Runs `roar` with the arguments of this process, and ends it."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    try:
        from roar_core.cli.boundary import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        _die_of("SIGINT")
    except BrokenPipeError:
        _die_of("SIGPIPE")
    else:
        gc.freeze()  # else all that is left would be looked through once more
        sys.exit(status)


def _die_of(name: str) -> None:
    """Ends as a program without a handler does: a shell loop stops at Ctrl-C, `roar log | head` is quiet."""
    import os
    import signal

    number = signal.Signals[name]
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


if __name__ == "__main__":
    main()
