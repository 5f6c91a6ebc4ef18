"""What the documentation must tell: nothing that is there is missing from it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
PAGES = [
    *REPOSITORY.glob("*.md"),
    *DOCS.glob("*.md"),
    *REPOSITORY.glob("*/README.md"),
    *REPOSITORY.glob("examples/*/*.md"),
]


@pytest.mark.parametrize("script", ["docs/make_settings.py", "benchmarks/make_docs.py"])
def test_made_page_is_up_to_date(script: str) -> None:
    done = subprocess.run([sys.executable, str(REPOSITORY / script), "--check"], check=False)
    assert done.returncode == 0, f"run: python {script}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    assert [target for target in targets if "://" not in target and not (page.parent / target).exists()] == []


def test_every_hook_is_documented() -> None:
    from roar_core.plugin import hookspecs

    hooks = {name for name in vars(hookspecs) if name.startswith("roar_")}
    text = (DOCS / "plugins.md").read_text()
    assert hooks
    assert {hook for hook in hooks if f"`{hook}(" not in text} == set()


def test_every_command_is_in_the_readme_and_the_changelog() -> None:
    from roar_core.builtin import roar_register_commands

    told = [(REPOSITORY / name).read_text() for name in ("README.md", "CHANGELOG.md")]
    names = {spec.name for spec in roar_register_commands()} - {"completion"}
    assert {name for name in names if f"roar {name}" not in told[0]} == set()
    assert {name for name in names if f"`{name}`" not in told[1] and f"`roar {name}`" not in told[1]} == set()


def test_every_report_key_is_documented(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("x")
    script = "cat in > tmp; mv tmp out; echo y >> in; rm in"
    command = [sys.executable, "-m", "roar_core", "trace", "--report", "report", "--", "sh", "-c", script]
    subprocess.run(command, cwd=tmp_path, check=True)
    lines = [json.loads(line) for line in (tmp_path / "report").read_bytes().splitlines()]
    text = (DOCS / "report-format.md").read_text()
    sections = {part.splitlines()[0].strip(): part for part in re.split(r"^## ", text, flags=re.M)[1:]}
    assert {line["type"] for line in lines} >= {"header", "process", "file", "end"}
    missing = {
        f"{line['type']}.{key}"
        for line in lines
        for key in line
        if key != "type" and f"`{key.removesuffix('_bytes')}`" not in sections[line["type"]]
    }
    assert missing == set()


def test_repository_names_no_machine() -> None:
    """Neither a folder of the machine it was written on nor a package index belongs in it."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("no git repository around this copy: git clone makes one")
    files = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True).stdout
    words = ("/" + "work/", "/" + "root/", "pypi" + ".org", "crates" + ".io", "npmjs" + ".org")
    named = {
        (file, word)
        for file in map(str, files.decode().split("\0")[:-1])
        for word in words
        if word in (REPOSITORY / file).read_text(errors="ignore")
    }
    assert named == set()


def test_every_gap_kind_is_documented() -> None:
    sources = [
        *REPOSITORY.glob("roar-tracer-*/**/src/**/*.rs"),
        *REPOSITORY.glob("roar-core/rust/*/src/**/*.rs"),
    ]
    told = set(re.findall(r"^\| `([a-z_]+)` \|", (DOCS / "report-format.md").read_text(), flags=re.M))
    kinds = {kind for file in sources for kind in re.findall(r'gap\(\s*"([a-z_]+)"', file.read_text())}
    assert "io_uring" in kinds
    assert kinds - told == set()
