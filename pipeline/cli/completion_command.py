"""``songmake completion``."""

from __future__ import annotations

import click

from pipeline.cli.completing import SHELLS, script

PLACES = {
    "bash": '# in ~/.bashrc:  eval "$(songmake completion bash)"',
    "zsh": '# in ~/.zshrc, after compinit:  eval "$(songmake completion zsh)"',
    "fish": "# once:  songmake completion fish > ~/.config/fish/completions/songmake.fish",
}


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print what makes a shell complete commands, flags, manifests, songs and takes.

    \b
    bash   eval "$(songmake completion bash)"    in ~/.bashrc
    zsh    eval "$(songmake completion zsh)"     in ~/.zshrc, after compinit
    fish   songmake completion fish > ~/.config/fish/completions/songmake.fish
    """
    first, rest = script(shell).split("\n", 1)
    has_head = first.startswith("#")  # zsh looks at the first line alone
    click.echo(
        f"{first}\n{PLACES[shell]}\n{rest}" if has_head else f"{PLACES[shell]}\n{first}\n{rest}",
        nl=False,
    )
