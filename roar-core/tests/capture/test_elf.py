import os
import platform
import random
import sys

import pytest
from elf_files import GNU_NOTE, GO_NOTE, INTERP, LOAD, NOTE, make_elf
from roar_core.capture.elf import Elf, read_elf


@pytest.fixture
def read(tmp_path):
    def read(content):
        (tmp_path / "program").write_bytes(content)
        descriptor = os.open(tmp_path / "program", os.O_RDONLY)
        try:
            return read_elf(descriptor)
        finally:
            os.close(descriptor)

    return read


@pytest.mark.parametrize("wide", [True, False])
def test_loader_is_read(read, wide):
    elf = read(make_elf(wide, segments=[(LOAD, b"x" * 99), (INTERP, b"/lib/ld.so.1\0")]))
    assert elf == Elf("x86_64", "/lib/ld.so.1", False)


@pytest.mark.parametrize("wide", [True, False])
def test_program_without_a_loader_is_static(read, wide):
    assert read(make_elf(wide, machine=3, segments=[(LOAD, b"")])) == Elf("i386", None, False)


def test_go_is_known_by_its_note_among_others(read):
    assert read(make_elf(segments=[(NOTE, GNU_NOTE + GO_NOTE)])) == Elf("x86_64", None, True)
    assert read(make_elf(segments=[(NOTE, GNU_NOTE)])) == Elf("x86_64", None, False)


def test_own_interpreter_is_read():
    descriptor = os.open(os.path.realpath(sys.executable), os.O_RDONLY)
    elf = read_elf(descriptor)
    os.close(descriptor)
    assert elf is not None
    assert elf.machine == platform.machine()


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF", b"#!/bin/sh\n", b"\x7fELF\x09\x09" + bytes(99), bytes(200)]
)
def test_other_files_are_none(read, content):
    assert read(content) is None


def test_damaged_headers_never_raise(read):
    chance = random.Random(7)
    sound = make_elf(segments=[(INTERP, b"/lib/ld.so.1\0"), (NOTE, GO_NOTE)])
    for _ in range(500):
        damaged = bytearray(sound[: chance.randrange(16, len(sound) + 1)])
        for _ in range(chance.randrange(1, 6)):
            damaged[chance.randrange(6, len(damaged))] = chance.randrange(256)
        found = read(bytes(damaged))
        assert found is None or isinstance(found, Elf)
