"""Answering a shell that asks what may come next: quickly, and without a word if it cannot."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stderr
from io import StringIO

import click
from click import shell_completion
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

from pipeline.cli import completion_values
from pipeline.cli.completion_table import load_command

VARIABLE = "_SONGMAKE_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
OFFERS = {
    "manifests": completion_values.manifests,
    "selections": completion_values.selections,
    "takes": completion_values.takes,
}
MARK = "\x00"
LIVE_IN_QUOTES = {'"': frozenset('"$`\\!'), "'": frozenset("'")}

BASH = """\
%(complete_func)s() {
    local type value fragment=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                [[ $fragment == [\\'\\"]* ]] || printf -v value %%q "$value"
                COMPREPLY+=("$value") ;;
        esac
    done < <(COMP_LINE=${COMP_LINE:0:COMP_POINT} COMP_FRAGMENT=$fragment \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null ||
    complete -F %(complete_func)s %(prog_name)s
"""


class Shell(ShellComplete):
    """What all three have in common: values with their option, and the words before for offers.

    Manifests are anybody's: a value with a line end in it would be two answers.
    """

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """``ctx.obj`` is what was typed: with an option that lacks its value, click reads none."""
        self.ctx_args["obj"] = tuple(args)
        found = super().get_completions(args, incomplete)
        return _whole([item for item in found if item.value.isprintable()], incomplete)


class Bash(Shell, BashComplete):
    """Bash, which cuts a word at ``:`` and ``=`` and wants only what comes after the last cut."""

    source_template = BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor's, and that one as far as the cursor."""
        words = shell_completion.split_arg_string(os.environ["COMP_LINE"] + MARK)
        return words[1:-1], words[-1].removesuffix(MARK)

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Values without the part that the shell does not replace."""
        typed = os.environ.get("COMP_FRAGMENT", "")
        live = LIVE_IN_QUOTES.get(typed[:1], frozenset())  # the script puts a value in as it is
        found = [
            item for item in super().get_completions(args, incomplete) if not live & set(item.value)
        ]
        fragment = typed.lstrip("'\"")
        kept = len(incomplete) - len(fragment.strip("=:"))
        if not incomplete.endswith(fragment.strip("=:")):
            kept = 0
        return [
            CompletionItem(item.value[kept:], type=item.type) if item.type == "plain" else item
            for item in found
        ]

    @staticmethod
    def _check_version() -> None:
        """An older bash is no reason to say anything: the script does without what it lacks."""


class Zsh(Shell, ZshComplete):
    """Zsh, which replaces whole words."""


class Fish(Shell, FishComplete):
    """Fish, which replaces whole words too; help has commas, and click's script cuts at each."""

    source_template = FishComplete.source_template.replace(
        'string split ","', 'string split --max 1 ","'
    )

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor's, and that one as far as the cursor."""
        words = shell_completion.split_arg_string(os.environ["COMP_WORDS"] + MARK)
        return words[1:-1], words[-1].removesuffix(MARK)


def _whole(found: list[CompletionItem[str]], word: str) -> list[CompletionItem[str]]:
    """Click gives the values of ``--select=co`` alone; with their option they are words."""
    option, mark, _ = word.partition("=")
    if not mark or not option.startswith("-"):
        return found
    return [
        CompletionItem(f"{option}={item.value}", type=item.type, help=item.help) for item in found
    ]


def script(shell: str) -> str:
    """What a shell reads to ask us."""
    kind = {"bash": Bash, "zsh": Zsh, "fish": Fish}[shell]
    return kind(click.Group("songmake"), {}, "songmake", VARIABLE).source()


def complete() -> int:
    """Answers the question in the environment; whatever goes wrong, it says nothing."""
    for shell in (Bash, Zsh, Fish):
        shell_completion.add_completion_class(shell)
    instruction = os.environ[VARIABLE]
    try:
        with redirect_stderr(StringIO()):
            return shell_completion.shell_complete(
                load_command(OFFERS), {}, "songmake", VARIABLE, instruction
            )
    except Exception:
        return 1
    finally:
        sys.stdout.flush()
