"""Colour with restraint: a few tones, each beside a word or mark that says the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import click

from pipeline.cli.messages import is_coloured

DEFAULT_WIDTH = 80  # off a terminal
NARROWEST = 40


class Tone(StrEnum):
    """What a word is, for the eye."""

    PLAIN = "plain"
    ALARM = "alarm"  # a person must act
    MONEY = "money"  # it would be spent, or may have been
    NEXT = "next"
    QUIET = "quiet"  # nothing to do
    GONE = "gone"
    NEW = "new"


STYLES: dict[Tone, dict[str, Any]] = {
    Tone.ALARM: {"fg": "red", "bold": True},
    Tone.MONEY: {"fg": "yellow"},
    Tone.NEXT: {"fg": "cyan", "bold": True},
    Tone.QUIET: {"dim": True},
    Tone.GONE: {"fg": "red"},
    Tone.NEW: {"fg": "green"},
}
Painter = Callable[[str, Tone], str]


def painter(*, is_result: bool = True) -> Painter:
    """Colours for standard output, or for standard error; none where they are not wanted."""
    return painted if is_coloured(is_result=is_result) else unpainted


def painted(text: str, tone: Tone) -> str:
    """``text`` in its tone, spaces around it left alone."""
    style = STYLES.get(tone)
    bare = text.strip(" ")
    if style is None or not bare:
        return text
    return text.replace(bare, click.style(bare, **style), 1)


def unpainted(text: str, tone: Tone) -> str:
    """``text`` as it is."""
    return text


def terminal_width(*, is_result: bool = True) -> int:
    """``COLUMNS``, else the columns of standard output's terminal, or of standard error's.

    80 where there is none.
    """
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and 0 < len(told) < 5:
        return max(int(told), NARROWEST)
    stream = sys.stdout if is_result else sys.stderr
    try:
        found = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        found = 0
    return max(found or DEFAULT_WIDTH, NARROWEST)
