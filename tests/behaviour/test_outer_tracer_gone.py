"""A run that finds the tracer of an outer run, which ends before it has answered."""

from __future__ import annotations

import json
import os
import socket
import threading

import pytest
from place import Place


@pytest.mark.parametrize("hears", [True, False], ids=["after it was asked", "before it was asked"])
def test_run_is_observed_by_itself_when_the_outer_tracer_has_gone(place: Place, hears: bool) -> None:
    namespace = os.stat("/proc/self/ns/pid").st_ino
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(b"\0roar-tracer/%d/%d/%d" % (namespace, os.geteuid(), os.getpid()))
        listener.listen()

        def end_at_once() -> None:
            connection, _ = listener.accept()
            if hears:
                connection.recv(1 << 16)
            connection.close()

        outer = threading.Thread(target=end_at_once, daemon=True)
        outer.start()
        done = place.observed("sh", "-c", "echo out > out")
        asked = not outer.is_alive()
    assert (done.returncode, done.stderr, asked) == (0, "", True)
    record = json.loads(place.roar("show", "@1", "--json").stdout)
    assert (record["status"], record["tracer"]) == ("ok", place.tracer)
    assert [edge["path"] for edge in record["outputs"]] == ([] if place.tracer == "none" else ["out"])
