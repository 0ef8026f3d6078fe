"""Where ``songmake`` starts: what is known without loading anything is answered here.

Help and version are texts that ``make reference`` wrote; a run that has nothing to do is known by
its record (decisions 21 and 22). Whatever is not certain goes to the whole program.
"""

from __future__ import annotations

import gc
import os
import sys

from pipeline.version import __version__

HELP_FOLDER = os.path.join(os.path.dirname(__file__), "help")  # noqa: PTH118, PTH120 - start-up
HELP_FLAGS = ("--help", "-h")
OWN_WIDTH = 80  # click's help is never wider
READS_OTHERWISE = ("COLUMNS", "SONGMAKE_COLOR", "_SONGMAKE_COMPLETE")


def main() -> None:
    """The entry point: answers, or starts the whole program."""
    try:
        if not _answered(sys.argv[1:]):
            gc.disable()  # loading makes no garbage; the command is what starts the collector
            from pipeline.cli.main import main as whole

            whole()
    except KeyboardInterrupt:  # before the whole program can say it
        os.write(2, b"error: interrupted: nothing was sent\n")
        sys.exit(130)
    finally:
        gc.freeze()  # the process ends, and with it all that a last collection would walk


def _answered(words: list[str]) -> bool:
    if any(name in os.environ for name in READS_OTHERWISE):
        return False
    if words[:1] == ["render"] and words[-1] not in HELP_FLAGS:
        from pipeline.cli.unchanged_answer import answer_to

        said = answer_to(words)
        return said is not None and _written_out(said)
    text = static_text(words)
    return text is not None and _is_as_wide_as_written() and _written_out(text)


def static_text(words: list[str]) -> bytes | None:
    """What ``--version`` and ``[COMMAND …] --help`` print at 80 columns; None for all else."""
    if words == ["--version"]:
        return f"songmake, version {__version__}\n".encode()
    if not words or len(words) > 3 or words[-1] not in HELP_FLAGS:
        return None
    names = words[:-1]
    if not all(name.isascii() and name.isalpha() and name.islower() for name in names):
        return None
    try:
        with open(help_file(names), "rb") as file:  # noqa: PTH123 - pathlib costs half a start
            return file.read()
    except OSError:
        return None


def help_file(names: list[str]) -> str:
    """Where the help of a command lies; ``[]`` is the program itself."""
    return f"{HELP_FOLDER}/{'-'.join(['songmake', *names])}.txt"


def _written_out(text: bytes) -> bool:
    """Whether a result could be written; if not, the whole program meets the same and says so."""
    stream = sys.stdout
    if stream is None or stream.encoding.lower() not in ("utf-8", "utf8"):
        return False
    try:
        while text:
            text = text[os.write(stream.fileno(), text) :]
    except (OSError, ValueError):
        return False
    return True


def _is_as_wide_as_written() -> bool:
    try:
        columns = os.get_terminal_size(1).columns
    except (OSError, ValueError):
        return True
    return columns == 0 or columns >= OWN_WIDTH
