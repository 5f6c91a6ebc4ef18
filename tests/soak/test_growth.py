"""A soak can fail: what grows is found, what only goes up and down is not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sampling import ProcessSample, find_leftovers, growth, processes_below, sample_process

MIB = 1 << 20


def samples(**changing):
    plain = {"resident_bytes": 20 * MIB, "descriptors": 9, "shared_segments": 1}
    return [
        ProcessSample(7, "roar-it", **{**plain, **{name: function(n) for name, function in changing.items()}})
        for n in range(60)
    ]


@pytest.mark.parametrize(
    ("changing", "word"),
    [
        ({"resident_bytes": lambda n: (20 + n) * MIB}, "memory"),
        ({"descriptors": lambda n: 9 + n // 4}, "descriptors"),
        ({"shared_segments": lambda n: 1 + n // 4}, "shared segments"),
    ],
    ids=["memory", "descriptors", "shared segments"],
)
def test_what_grows_is_found(changing, word):
    (found,) = growth(samples(**changing))
    assert f"roar-it: {word} grew from" in found


@pytest.mark.parametrize(
    "changing",
    [
        {"resident_bytes": lambda n: (20 + n % 5) * MIB},
        {"resident_bytes": lambda n: min(20 + 2 * n, 50) * MIB},
        {"descriptors": lambda n: 9 + n % 7},
    ],
    ids=["up and down", "full after a while", "descriptors up and down"],
)
def test_what_does_not_grow_is_not_found(changing):
    assert growth(samples(**changing)) == []


def test_too_few_samples_say_so():
    assert "too few" in growth(samples()[:5])[0]


def test_own_process_is_sampled():
    sample = sample_process(os.getpid())
    assert sample is not None
    assert sample.resident_bytes > MIB
    assert sample.descriptors > 2
    assert sample_process(2**22 + 1) is None


def test_file_that_is_left_is_found(tmp_path):
    before = find_leftovers(tmp_path)
    (tmp_path / "left").touch()
    assert find_leftovers(tmp_path).apart_from(before).temporary_files == {"left"}


def test_process_that_is_left_is_found(tmp_path):
    code = (
        "import sys, time; open('/proc/self/comm', 'w').write('roar-left'); print(flush=True); time.sleep(60)"
    )
    before = find_leftovers(tmp_path)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert find_leftovers(tmp_path).apart_from(before).processes == {f"roar-left ({process.pid})"}
        process.kill()
    assert process.pid not in processes_below([os.getpid()])
