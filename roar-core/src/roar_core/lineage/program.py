"""The program of a command line, which decides the step of a job (LINEAGE.md, "Which step a job belongs to")."""

from __future__ import annotations

import os.path
import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from roar_core.lineage.interpreters import Form, interpreter_named, target_of
from roar_core.lineage.launchers import LAUNCHERS, MODULE_LAUNCHERS, end_of_launcher

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)


class _Found(NamedTuple):
    form: Form
    word: str
    arguments: tuple[str, ...]
    folders: tuple[str, ...] = ()


def program_of(argv: Sequence[str], cwd: str, project_root: str, *, stdin_digest: str | None = None) -> str:
    """Returns the first image or script of a command in the project's own terms.

    Launchers, interpreters and `NAME=value` prefixes are looked through. A script or an image inside the project is
    named by its path from the root, one outside it by its absolute path, or by its bare name where it lies in a `bin`
    folder; a module by its file where that lies in the project, else by its name; a text (`-c`) by its digest.
    `stdin_digest` is the digest of the text on standard input where that is a regular file. `cwd` may be relative to
    `project_root`.
    """
    found = _find(argv)
    folder = os.path.join(project_root, cwd, *found.folders)
    if found.form == "text":
        return f"-c {_short_digest(found.word)}"
    if found.form == "stdin":
        return f"- {stdin_digest}" if stdin_digest else f"- {os.path.basename(found.word)}"
    if found.form == "module":
        return _module(found.word, folder, project_root)
    if found.form == "script" or "/" in found.word:
        return _in_project_terms(found.word, folder, project_root)
    return found.word


def comparable_argv(argv: Sequence[str]) -> tuple[str, ...]:
    """Returns the arguments of the program: what follows launchers, interpreter, `NAME=value` and the program itself.

    Two commands of one program do the same if these and the cwd are the same. Always a tail of `argv`, unless `env -S`
    splits a word.
    """
    return _find(argv).arguments


def _find(argv: Sequence[str]) -> _Found:
    words = list(argv)
    folders: list[str] = []
    form: Form = "command"
    while words:
        while form == "command" and len(words) > 1 and _ASSIGNMENT.match(words[0]):
            words = words[1:]
        name = os.path.basename(words[0])
        if form == "command" and name == "env":
            words, folder = _split_env(words)
            folders += folder
        launcher = LAUNCHERS.get(
            MODULE_LAUNCHERS.get(name, "") if form == "module" else name if form == "command" else ""
        )
        end = end_of_launcher(launcher, words) if launcher else None
        if end:
            words = words[end[0] :]
            form = (
                "script"
                if _is_script(end[1], name, words[0])
                else "module"
                if end[1] == "module"
                else "command"
            )
            continue
        interpreter = interpreter_named(name) if form == "command" else None
        if interpreter is None:
            return _Found(form, words[0], tuple(words[1:]), tuple(folders))
        target = target_of(interpreter, words)
        if target.form == "none":
            return _Found("command", words[0], tuple(words[1:]), tuple(folders))
        if target.form != "module" or target.word not in MODULE_LAUNCHERS:
            word = target.word if target.form != "stdin" else words[0]
            return _Found(target.form, word, tuple(words[target.arguments :]), tuple(folders))
        words, form = [target.word, *words[target.arguments :]], "module"
    return _Found("command", "", (), tuple(folders))


def _is_script(runs: str, launcher: str, word: str) -> bool:
    return runs == "script" or (launcher == "uv" and runs == "command" and word.endswith((".py", ".pyw")))


def _split_env(words: list[str]) -> tuple[list[str], list[str]]:
    """Returns env's words with `-S` split, and the folder it changes to, if any."""
    folders: list[str] = []
    for index, word in enumerate(words[1:], 1):
        if (
            not word.startswith("-")
            and not _ASSIGNMENT.match(word)
            and words[index - 1] not in ("-u", "--unset", "-C", "--chdir")
        ):
            break
        if word in ("-S", "--split-string") and index + 1 < len(words):
            return [*words[:index], *shlex.split(words[index + 1]), *words[index + 2 :]], folders
        if words[index - 1] in ("-C", "--chdir"):
            folders.append(word)
        elif word.startswith("--chdir="):
            folders.append(word.partition("=")[2])
    return words, folders


def _module(name: str, folder: str, project_root: str) -> str:
    path = os.path.join(folder, *name.split("."))
    for file in (f"{path}.py", os.path.join(path, "__main__.py"), os.path.join(path, "__init__.py")):
        if os.path.isfile(file):
            return _in_project_terms(file, folder, project_root)
    return name


def _in_project_terms(word: str, folder: str, project_root: str) -> str:
    path = os.path.normpath(os.path.join(folder, word))
    parent, name = os.path.split(path)
    inside = path.startswith(project_root.rstrip("/") + "/")
    if os.path.basename(parent) in ("bin", "sbin") and not (
        inside and not _is_environment(os.path.dirname(parent))
    ):
        return name
    return os.path.relpath(path, project_root) if inside else path


def _is_environment(prefix: str) -> bool:
    return any(os.path.exists(os.path.join(prefix, mark)) for mark in ("pyvenv.cfg", "conda-meta"))


def _short_digest(text: str) -> str:
    import hashlib  # 2 ms that most commands need not pay

    return hashlib.sha256(os.fsencode(text)).hexdigest()[:16]
