"""`roar completion`: the script by which a shell completes roar's commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from roar_core.cli.output import echo
from roar_core.config import COMPLETION_VARIABLE

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
      bash  roar completion bash > ~/.local/share/bash-completion/completions/roar
      zsh   roar completion zsh > ~/.zfunc/_roar       (with ~/.zfunc in fpath)
      fish  roar completion fish > ~/.config/fish/completions/roar.fish
    """
    from roar_core.cli.root import root

    completion = get_completion_class(shell)
    assert completion is not None
    echo(completion(root, {}, "roar", COMPLETION_VARIABLE).source().strip())
