"""What goes to standard error: errors, warnings, hints. Coloured on a terminal alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import click

from pipeline.core.findings.diagnostic_text import render_diagnostic
from pipeline.core.findings.diagnostics import Diagnostic


def is_coloured() -> bool:
    """Whether standard error may be coloured: a terminal, and NO_COLOR not set."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def say(text: str = "") -> None:
    """A line on standard error; a closed one is not worth failing for."""
    try:
        click.echo(text, err=True, color=is_coloured())
    except (BrokenPipeError, OSError):
        return


def counted(number: int, noun: str) -> str:
    """``1 take``, ``2 takes``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def print_error(message: str, *, hint: str | None = None) -> None:
    """``error: …`` and what to type next."""
    say(f"{_style('error:', 'red')} {message}")
    _hint(hint)


def print_warning(message: str, *, hint: str | None = None) -> None:
    """``warning: …`` and what to type next."""
    say(f"{_style('warning:', 'yellow')} {message}")
    _hint(hint)


def print_hint(hint: str) -> None:
    """``hint: …`` alone: nothing is wrong."""
    _hint(hint)


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Findings about manifests, each with its place."""
    for diagnostic in diagnostics:
        say(render_diagnostic(diagnostic))


def _hint(hint: str | None) -> None:
    if hint:
        say(f"{_style('hint:', 'cyan')} {hint}")


def _style(word: str, colour: str) -> str:
    return click.style(word, fg=colour, bold=True) if is_coloured() else word
