"""What is said to people: results, errors, warnings, hints; coloured where that is wanted."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from pipeline.cli.typed import Colour, as_typed, typed
from pipeline.core.findings.characters import inert
from pipeline.core.findings.diagnostic_text import render_diagnostic
from pipeline.core.findings.diagnostics import Diagnostic


def is_coloured(*, is_result: bool = False) -> bool:
    """Whether standard error, or standard output for a result, is to be coloured.

    ``--color`` and ``SONGMAKE_COLOR`` come first, then ``NO_COLOR``, ``FORCE_COLOR``, and at last
    whether it is a terminal that can.
    """
    match typed().colour:
        case Colour.ALWAYS:
            return True
        case Colour.NEVER:
            return False
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    stream = sys.stdout if is_result else sys.stderr
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def say(text: str = "") -> None:
    """A line on standard error; a closed one is not worth failing for."""
    try:
        click.echo(text, err=True, color=is_coloured())
    except (BrokenPipeError, OSError):
        return


def show(text: str) -> None:
    """A line of a result on standard output."""
    click.echo(text, color=is_coloured(is_result=True))


def write_last(stream: TextIO | None, text: str) -> None:
    """Writes past every buffer where somebody reads; a stream that is full or gone is left alone.

    For a signal handler that ends the program: it must not wait for a reader who has stopped.
    """
    try:
        descriptor = stream.fileno() if stream is not None else -1
        if select.select([], [descriptor], [], 0)[1]:
            os.write(descriptor, text.encode())
    except (OSError, ValueError):
        return


def print_error(message: str, *, hint: str | None = None) -> None:
    """``error: …`` and what to type next."""
    say(f"{_style('error:', 'red')} {inert(message)}")
    _hint(hint)


def print_warning(message: str, *, hint: str | None = None) -> None:
    """``warning: …`` and what to type next."""
    say(f"{_style('warning:', 'yellow')} {inert(message)}")
    _hint(hint)


def print_hint(hint: str) -> None:
    """``hint: …`` alone: nothing is wrong."""
    _hint(hint)


def print_next(command: str) -> None:
    """``next: …``: what follows on what was just done."""
    say(f"{_style('next:', 'cyan')} {inert(as_typed(command))}")


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Findings about manifests, each with its place."""
    for diagnostic in diagnostics:
        say(render_diagnostic(diagnostic))


def _hint(hint: str | None) -> None:
    """Each line is a hint of its own: one command can be taken from each."""
    for line in (hint or "").splitlines():
        say(f"{_style('hint:', 'cyan')} {inert(as_typed(line))}")


def _style(word: str, colour: str) -> str:
    return click.style(word, fg=colour, bold=True) if is_coloured() else word
