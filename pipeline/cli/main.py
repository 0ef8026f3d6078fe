"""The ``songmake`` command: finds the sub-command, and is the one place where errors end."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from pipeline.cli.messages import print_error
from pipeline.errors import ExitCode, SongmakeError
from pipeline.version import __version__

COMMANDS = {
    "validate": "check manifests: syntax, schema, model limits, lyrics; reads no state",
    "plan": "what render would do, why and for how much; sends nothing",
    "render": "buy, collect and publish what is missing: the only command that spends",
    "status": "every take's state and money, and the command that moves a stuck one on",
    "pick": "choose which take is a song's track: written into the manifest",
    "settle": "decide an in-doubt take",
    "adopt": "make audio from elsewhere a take's",
    "report": "write the cost reports again; --reconcile: beside the provider's ledger",
    "verify": "check that journal, store and outputs agree",
    "gc": "list what nothing refers to in the state folder; --delete removes it",
    "schema": "print the manifest's JSON Schema",
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
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in ``--help``, without loading anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Adds a suggestion to an unknown name."""
        from difflib import get_close_matches

        near = get_close_matches(args[0], COMMANDS, n=1) if args[0] not in COMMANDS else []
        if near:
            ctx.fail(f"no such command '{args[0]}'; did you mean '{near[0]}'?")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="songmake")
def songmake() -> None:
    """Make for albums of generated music: every song is bought once."""


def main() -> NoReturn:
    """The entry point: runs the command and exits with its code."""
    signal.signal(signal.SIGTERM, _terminated)
    code = _run()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = _without_reader()
    sys.exit(code)


def _run() -> int:
    try:
        return int(songmake.main(prog_name="songmake", standalone_mode=False) or 0)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        print_error(_lower_first(error.format_message()), hint=_usage_hint(error))
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        print_error("interrupted: nothing was sent")
        return ExitCode.INTERRUPTED
    except SongmakeError as error:
        print_error(error.message, hint=error.hint)
        return error.exit_code
    except BrokenPipeError:
        return _without_reader()
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print_error(f"{where}{error.strerror or error}", hint="make room or mend the folder")
        return ExitCode.FAILED
    except Exception as error:
        print_bug(error)
        return ExitCode.FAILED


def _lower_first(message: str) -> str:
    return message[:1].lower() + message[1:]


def _usage_hint(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{context.command_path if context else 'songmake'} --help"


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
        hint="run songmake status: what is paid is in the journal; then report the bug",
    )


def _without_reader() -> int:
    """Whoever read standard output has left; saying so to nobody would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.FAILED


def _terminated(number: int, frame: FrameType | None) -> Any:
    raise SystemExit(int(ExitCode.TERMINATED))
