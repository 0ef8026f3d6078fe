"""The ``songmake`` command: finds the sub-command, and is the one place where errors end."""

from __future__ import annotations

import gc
import importlib
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from pipeline.cli.messages import print_error, say
from pipeline.cli.options import color_option
from pipeline.cli.typed import Typed, program_of
from pipeline.errors import ExitCode, SongmakeError
from pipeline.version import __version__

COMMANDS = {
    "init": "write an album of your own: a commented manifest that renders as it is",
    "validate": "check manifests: syntax, schema, model limits, lyrics; reads no state",
    "plan": "what render would do, why and for how much; sends nothing",
    "render": "buy, collect and publish what is missing: the only command that spends",
    "status": "every take's state and money, and the command that moves a stuck one on",
    "pick": "choose which take is a song's track: written into the manifest",
    "settle": "decide an in-doubt take",
    "adopt": "take in audio that was made elsewhere",
    "report": "write reports again; --reconcile compares with the provider's ledger",
    "verify": "check that journal, store and outputs agree",
    "gc": "list what nothing refers to in the state folder; --delete removes it",
    "doctor": "say what is wrong with a set-up, without spending or writing",
    "schema": "print the manifest's JSON Schema",
    "completion": "print what makes bash, zsh or fish complete commands and song ids",
    "sketch": "the embedded engine: free, offline sketches",
}


class LazyGroup(click.Group):
    """Loads a sub-command's module only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a producer's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; unknown names are click's to report."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"pipeline.cli.{cmd_name}_command")
        gc.freeze()  # what was loaded stays, and no collection has to walk it
        gc.enable()  # the entry point stopped it
        command: click.Command = module.command
        return with_color(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in ``--help``, without loading anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Adds a suggestion to an unknown name."""
        if args[0] not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            if near:
                ctx.fail(f"no such command '{args[0]}'; did you mean '{near[0]}'?")
        return super().resolve_command(ctx, args)


def with_color(command: click.Command) -> click.Command:
    """``command``, and every command in it, with ``--color`` after its name too."""
    if all(param.name != "color" for param in command.params):
        color_option(is_root=False)(command)
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        with_color(inner)
    return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="songmake")
@color_option(is_root=True)
def songmake() -> None:
    """Make for albums of generated music: every song is bought once.

    songmake COMMAND --help explains a command.
    """


def main() -> NoReturn:
    """The entry point: runs the command and exits with its code."""
    _open_standard_streams()
    if "_SONGMAKE_COMPLETE" in os.environ:
        from pipeline.cli.completing import complete

        sys.exit(complete())
    signal.signal(signal.SIGTERM, _terminated)
    code = _run()
    _give_up_output()
    sys.exit(code)


def _open_standard_streams() -> None:
    """A stream that the caller closed leads nowhere; no file of ours may get its number."""
    while (spare := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(spare, True)
    os.close(spare)
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _run() -> int:
    """The context around it all knows what was typed when the command's own is gone."""
    typed = Typed(program=program_of(sys.argv[0]), words=tuple(sys.argv[1:]))
    with click.Context(songmake, info_name="songmake", obj=typed):
        return _ended(typed)


def _ended(typed: Typed) -> int:
    try:
        code = _code_of_command(typed)
        sys.stdout.flush()
    except BrokenPipeError:  # saying so to nobody would fail again
        return ExitCode.FAILED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print_error(
            f"{where}{error.strerror or error}",
            hint="make room or mend the folder, then the same command again",
        )
        return ExitCode.FAILED
    return code


def _code_of_command(typed: Typed) -> int:
    try:
        return int(songmake.main(prog_name="songmake", standalone_mode=False, obj=typed) or 0)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        if error.format_message().startswith("Usage: "):  # no command was named: this is the help
            say(error.format_message())
            return ExitCode.USAGE
        hint = _usage_hint(error, typed.words)
        print_error(_in_house_words(error.format_message()), hint=hint)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        print_error("interrupted: nothing was sent")
        return ExitCode.INTERRUPTED
    except SongmakeError as error:
        print_error(error.message, hint=error.hint)
        return error.exit_code
    except OSError:
        raise
    except Exception as error:
        print_bug(error)
        return ExitCode.FAILED


def _in_house_words(message: str) -> str:
    """click's message as ours are: lower case, no full stop, the suggestion behind a semicolon."""
    whole = message.rstrip(".").replace(". Did you mean", "; did you mean")
    whole = re.sub(r": (File|Directory|Path) '", lambda found: found[0].lower(), whole)
    return whole[:1].lower() + whole[1:]


def _usage_hint(error: click.ClickException, words: Sequence[str]) -> str:
    """The help of the command that was typed; a missing value's error does not know which."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        return f"{context.command_path} --help"
    named = next((word for word in words if word in COMMANDS), None)
    return f"songmake {named} --help" if named else "songmake --help"


def print_bug(error: BaseException) -> None:
    """An error that should not exist: its kind and place, never what it carried."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = ""
    if place is not None:
        where = f" at {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}"
    print_error(
        f"unexpected {type(error).__name__}{where}: this is a bug in songmake {__version__}",
        hint="report it; what is paid is in the journal: songmake status",
    )


def _give_up_output() -> None:
    """What the streams hold back and cannot write may not fail again at the exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _terminated(number: int, frame: FrameType | None) -> Any:
    raise SystemExit(int(ExitCode.TERMINATED))
