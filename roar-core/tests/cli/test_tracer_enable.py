"""Enabling a tracer for ordinary users: in a mount namespace of its own, where /etc and /usr/local/lib are copies."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import textwrap

import pytest

PROGRAM = b"#!/bin/sh\necho probed\n"
COPY = "/usr/local/lib/roar/roar-tracer-able-2.5"
ABLE = """
    from pathlib import Path
    from roar_core.plugin.protocols import Availability, LaunchPlan, PrivilegedProgram

    class Able:
        def probe(self):
            return Availability(True, "2.5")

        def command(self, argv, options):
            return LaunchPlan(("/bin/true", *argv))

        def privileged_program(self):
            program = Path(__file__).with_name("roar-tracer-able")
            return PrivilegedProgram("able-dist", program, "2.5", ("cap_bpf", "cap_perfmon"))

    @hookimpl
    def roar_register_tracers():
        return [TracerSpec("able", __name__ + ":Able", "sees nothing", 5)]
"""


@pytest.fixture
def program(roar, install):
    """The program of an installed tracer that can be enabled, as its RECORD has it."""
    install("able-dist", "able", ABLE)
    path = roar.site / "roar-tracer-able"
    path.write_bytes(PROGRAM)
    digest = base64.urlsafe_b64encode(hashlib.sha256(PROGRAM).digest()).rstrip(b"=").decode()
    record = roar.site / "able_dist-1.0.dist-info" / "RECORD"
    record.write_text(f"roar-tracer-able,sha256={digest},{len(PROGRAM)}\n")
    return path


@pytest.fixture
def system(roar, tmp_path):
    """Runs a script where /etc and /usr/local/lib are copies that go away with it; `$ROAR` is roar."""
    if os.geteuid() != 0:
        pytest.skip("becoming root, and mounting, need root: run the suite as root")
    for tool, package in (("unshare", "util-linux"), ("setcap", "libcap2-bin"), ("groupadd", "passwd")):
        if not shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            pytest.skip(f"needs {tool}: apt-get install {package}")
    etc = tmp_path / "etc"
    shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True)

    def run(script, status=0):
        before = f"set -e; mount --bind {etc} /etc; mount -t tmpfs tmpfs /usr/local/lib\n"
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", before + textwrap.dedent(script)],
            cwd=roar.folder,
            env={**roar.environment, "ROAR": f"{sys.executable} -m roar_core"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, done
        return done

    return run


def test_commands_are_printed_and_nothing_is_changed_without_consent(roar, program):
    done = roar("tracer", "enable", "able")
    assert "nothing was changed" in done.stderr
    assert "roar tracer enable able --yes" in done.stderr
    lines = done.stdout.splitlines()
    assert any(line.endswith(f"setcap cap_bpf,cap_perfmon=ep {COPY}.new") for line in lines)
    assert all(line.split("| ")[-1].startswith(("sudo ", *NAMES)) for line in lines)
    assert not os.path.exists(COPY)


NAMES = ("groupadd ", "install ", "sha256sum ", "setcap ", "mv ")


@pytest.mark.slow
def test_enabled_copy_is_roots_for_the_group_and_has_the_capabilities(system, program):
    done = system(f"$ROAR tracer enable able --yes; stat -c '%A %U %G' {COPY}; getcap {COPY}; ls {COPY}*")
    assert "-rwxr-x--- root roar\n" in done.stdout
    assert f"{COPY} cap_perfmon,cap_bpf=ep\n" in done.stdout
    assert done.stdout.endswith(f"{COPY}\n")


@pytest.mark.slow
def test_enabling_twice_and_disabling_leave_nothing_but_the_group(system, program):
    done = system(
        "$ROAR tracer enable able -y >/dev/null; $ROAR tracer enable able -y >/dev/null; $ROAR tracer disable able -y\n"
        "ls -d /usr/local/lib/roar || true; $ROAR tracer disable able; getent group roar"
    )
    assert "tracer able is disabled" in done.stdout
    assert "No such file" in done.stderr
    assert "is not enabled" in done.stdout
    assert "\nroar:" in done.stdout


@pytest.mark.slow
def test_copy_that_is_not_what_was_compared_gets_no_capabilities(system, program):
    # `install` is replaced by one that installs something else, as if the file had been changed in between.
    done = system(
        f"""
        mkdir /usr/local/lib/fake
        cat > /usr/local/lib/fake/install <<'EOF'
        #!/bin/sh
        for last; do :; done
        test "$1" = -d && exec /usr/bin/install "$@"
        echo evil > $last
        EOF
        chmod +x /usr/local/lib/fake/install
        mount --bind /usr/local/lib/fake /usr/local/sbin
        $ROAR tracer enable able -y || echo failed $?
        ls {COPY} || true
        """
    )
    assert "failed 1" in done.stdout
    assert "sha256sum" in done.stderr
    assert f"cannot access '{COPY}'" in done.stderr


def test_program_that_was_altered_is_refused(roar, program):
    program.write_bytes(PROGRAM + b"evil\n")
    done = roar("tracer", "enable", "able", "--yes", status=1)
    assert "not the one of its wheel" in done.stderr
    assert "pip install --force-reinstall able-dist" in done.stderr


def test_program_that_no_record_knows_is_refused(roar, program):
    (roar.site / "able_dist-1.0.dist-info" / "RECORD").unlink()
    assert "no RECORD says" in roar("tracer", "enable", "able", "-y", status=1).stderr


def test_tracer_that_needs_no_privileges_is_said_to(roar, install):
    install("able-dist", "able", ABLE.replace("def privileged_program", "def other"))
    for word in ("enable", "disable"):
        assert "needs no privileges" in roar("tracer", word, "able", status=2).stderr


def test_unknown_tracer_names_the_nearest(roar, program):
    assert "did you mean `able`?" in roar("tracer", "enable", "abl", status=2).stderr
