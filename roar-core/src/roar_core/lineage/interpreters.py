"""Interpreters: what of a command line is theirs, and which script, module or text they run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

Form = Literal["command", "script", "module", "text", "stdin", "none"]


class Interpreter(NamedTuple):
    """An interpreter's options.

    `text`: the next word is the program itself; `module`, `file`: it names it; `values`: options that take a word.
    `letters`: short options may stand in one word (`-euo`); `late_text`: the text is the first operand (`sh -c -e T`);
    `operand`: what the first operand is where no option says otherwise.
    """

    text: frozenset[str] = frozenset()
    module: frozenset[str] = frozenset()
    file: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    letters: bool = False
    late_text: bool = False
    stdin: frozenset[str] = frozenset()
    operand: Form = "script"


class Target(NamedTuple):
    """What an interpreter runs: `word` is a path, a module name or a text; `arguments` is where its own start."""

    form: Form
    word: str
    arguments: int


def target_of(interpreter: Interpreter, words: Sequence[str]) -> Target:
    """Returns what the interpreter whose name is the first of `words` runs."""
    at = 1
    late: Form | None = None
    while at < len(words):
        word = words[at]
        if word in ("-", "--"):
            if word == "-" and late is None:
                return Target("stdin", "", at + 1)
            at += 1
            break
        if not word.startswith("-") and not (interpreter.late_text and word.startswith("+")):
            break
        option, attached = _deciding_option(interpreter, word)
        if option in interpreter.stdin:
            late = "stdin"
        elif option in interpreter.text and interpreter.late_text:
            late = "text"
        elif option in interpreter.text | interpreter.module | interpreter.file:
            form = _form_of(interpreter, option)
            if attached:
                return Target(form, attached, at + 1)
            if at + 1 < len(words):
                return Target(form, words[at + 1], at + 2)
            return Target("none", "", at + 1)
        at += 2 if _takes_next_word(interpreter, option, word, attached) else 1
    if late == "stdin":
        return Target("stdin", "", at)
    if at >= len(words):
        # no script: it reads standard input, unless all it was asked is its version or its help
        return Target("none" if late is None and _only_asks(words) else "stdin", "", len(words))
    return Target(late or interpreter.operand, words[at], at + 1)


def _form_of(interpreter: Interpreter, option: str) -> Form:
    if option in interpreter.text:
        return "text"
    return "module" if option in interpreter.module else "script"


def _deciding_option(interpreter: Interpreter, word: str) -> tuple[str, str]:
    """Returns the option that decides what `word` means, and the value attached to it."""
    if word.startswith("--"):
        name, _, value = word.partition("=")
        return name, value
    known = interpreter.text | interpreter.module | interpreter.file | interpreter.values | interpreter.stdin
    if word in known or not interpreter.letters:
        return word, ""
    for index, letter in enumerate(word[1:], 1):
        if f"-{letter}" in known:
            return f"-{letter}", "" if interpreter.late_text else word[index + 1 :]
    return word, ""


def _takes_next_word(interpreter: Interpreter, option: str, word: str, attached: str) -> bool:
    if interpreter.late_text and word[0] in "-+" and not word.startswith("--"):
        return "o" in word[1:] or "O" in word[1:]  # `-euo pipefail`, `-o errexit`, `+O extglob`
    return option in interpreter.values and not attached and "=" not in word


def _only_asks(words: Sequence[str]) -> bool:
    return any(word in ("--version", "-V", "-v", "--help", "-h", "-version") for word in words[1:])


def _set(options: str) -> frozenset[str]:
    return frozenset(options.split())


_SHELL = Interpreter(
    text=_set("-c"), values=_set("--rcfile --init-file"), letters=True, late_text=True, stdin=_set("-s")
)
_PYTHON = Interpreter(
    text=_set("-c"), module=_set("-m"), values=_set("-W -X --check-hash-based-pycs"), letters=True
)

INTERPRETERS: Mapping[str, Interpreter] = {
    **dict.fromkeys(("sh", "bash", "dash", "zsh", "ksh", "mksh", "fish"), _SHELL),
    **dict.fromkeys(("python", "pypy", "ipython"), _PYTHON),
    "perl": Interpreter(text=_set("-e -E"), values=_set("-I"), letters=True),
    "ruby": Interpreter(text=_set("-e"), values=_set("-I -r -C")),
    "node": Interpreter(text=_set("-e --eval -p --print -pe"), values=_set("-r --require --import --loader")),
    "Rscript": Interpreter(text=_set("-e")),
    "R": Interpreter(text=_set("-e"), file=_set("-f --file")),
    "julia": Interpreter(
        text=_set("-e -E --eval --print"), values=_set("-p -t -J -L --procs --threads --load")
    ),
    "lua": Interpreter(text=_set("-e"), values=_set("-l")),
    "php": Interpreter(text=_set("-r"), file=_set("-f"), values=_set("-d -c")),
    "java": Interpreter(
        module=_set("-m --module"),
        file=_set("-jar"),
        values=_set("-cp -classpath --class-path -p --module-path --add-modules --source"),
        operand="module",  # a class
    ),
}


def interpreter_named(name: str) -> Interpreter | None:
    """Returns the interpreter that goes by this file name, versions aside (`python3.11`, `lua5.4`)."""
    return INTERPRETERS.get(name) or INTERPRETERS.get(re.sub(r"[\d.]+[a-z]?$", "", name))
