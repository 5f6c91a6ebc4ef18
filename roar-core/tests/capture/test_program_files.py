import os

import pytest
from elf_files import GO_NOTE, INTERP, LOAD, NOTE, make_elf
from roar_core.capture.program_files import follow_command
from roar_core.errors import CannotExecute, CommandNotFound

GLIBC = (INTERP, b"/lib64/ld-linux-x86-64.so.2\0")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    return Folder(tmp_path)


class Folder:
    """Programs, and what following a command finds among them."""

    def __init__(self, path):
        self.path = path

    def add(self, name, content, mode=0o755):
        file = self.path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        file.chmod(mode)
        return str(file)

    def program(self, name, *segments, **options):
        return self.add(name, make_elf(segments=segments), **options)

    def follow(self, *argv):
        return follow_command(argv, str(self.path), str(self.path))

    def names(self, *argv):
        return [os.path.basename(file.path) for file in self.follow(*argv)]


def test_dynamic_program_has_no_traits(folder):
    folder.program("plain", GLIBC)
    (file,) = folder.follow("plain", "x")
    assert (file.kind, file.interpreter, file.traits) == ("program", "/lib64/ld-linux-x86-64.so.2", ())


@pytest.mark.parametrize(
    ("segments", "traits"),
    [
        ([(LOAD, b"")], ("static",)),
        ([(NOTE, GO_NOTE)], ("static", "go")),
        ([GLIBC, (NOTE, GO_NOTE)], ("go",)),
        ([(INTERP, b"/lib/ld-musl-x86_64.so.1\0")], ("other_libc",)),
    ],
)
def test_linking_shows_in_the_traits(folder, segments, traits):
    folder.program("it", *segments)
    assert folder.follow("./it")[0].traits == traits


def test_program_for_another_processor_is_told(folder):
    folder.add("it", make_elf(machine=183, segments=[GLIBC]))
    assert folder.follow("it")[0].traits == ("other_machine",)


@pytest.mark.parametrize("bits", [0o4755, 0o2755])
def test_set_id_bits_count_where_they_change_something(folder, bits, monkeypatch):
    folder.program("it", GLIBC, mode=bits)
    assert folder.follow("it")[0].traits == ()
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    monkeypatch.setattr("os.getegid", lambda: 12345)
    assert folder.follow("it")[0].traits == ("set_id",)


def test_script_is_followed_to_its_interpreter(folder):
    interpreter = folder.program("python9", (LOAD, b""))
    folder.add("job.py", f"#! {interpreter} -u\nprint()")
    script, program = folder.follow("./job.py", "--x")
    assert (script.kind, script.interpreter) == ("script", interpreter)
    assert (program.path, program.traits) == (interpreter, ("static",))


@pytest.mark.parametrize("line", ["env python9", "env -S python9 -u", "env A=b python9"])
def test_env_in_a_script_is_followed_on_path(folder, line):
    folder.program("env", GLIBC)
    folder.program("python9", GLIBC)
    folder.add("job", f"#!{folder.path}/{line}\n")
    assert folder.names("job") == ["job", "env", "python9"]


def test_launchers_are_followed_to_the_command(folder):
    for name in ("nice", "timeout", "job"):
        folder.program(name, GLIBC)
    assert folder.names("nice", "-n", "5", "timeout", "9", "./job", "nice") == ["nice", "timeout", "job"]


def test_text_without_a_shebang_is_for_sh(folder):
    folder.add("job", "echo\n")
    script, *_ = folder.follow("./job")
    assert (script.kind, script.interpreter) == ("script", "/bin/sh")


def test_interpreter_that_names_itself_ends(folder):
    folder.add("loop", f"#!{folder.path}/loop\n")
    assert set(folder.names("loop")) == {"loop"}


def test_program_that_cannot_be_read_says_so(folder):
    if os.geteuid() == 0:
        pytest.skip("root can read everything: run the suite as an ordinary user (scripts/test-as-user)")
    folder.program("secret", GLIBC, mode=0o111)
    assert folder.follow("secret")[0].traits == ("unreadable",)


def test_command_that_is_not_there_is_not_found(folder):
    with pytest.raises(CommandNotFound):
        folder.follow("nothing")


def test_file_that_is_not_executable_cannot_be_executed(folder):
    folder.add("data", "x", mode=0o644)
    with pytest.raises(CannotExecute):
        folder.follow("./data")


def test_programs_of_the_system_are_protected_on_macos(folder, monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    own = folder.add("own", b"\xcf\xfa\xed\xfe" + bytes(60))
    script = folder.add("script", "#!/bin/sh\n")
    assert [file.traits for file in folder.follow(own)] == [()]
    assert folder.follow(script)[0].traits == ()
    assert "protected" in folder.follow(script)[1].traits
    assert "protected" in folder.follow("/usr/bin/env", own)[0].traits
    assert folder.follow("/usr/bin/env", own)[1] == folder.follow(own)[0]
