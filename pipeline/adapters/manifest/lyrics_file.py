"""Lyrics from a file beside the manifest."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.manifest.source import Source, Unreadable, read_text
from pipeline.core.characters import character_name, excerpt, first_control
from pipeline.core.suggestion import closest

MOST_LYRICS_BYTES = 256 * 1024  # many times what any model takes


class LyricsFileRefused(Exception):
    """A file that cannot be sung from; ``message`` and ``hint`` are for the user."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def load_lyrics(named: str, *, folder: Path, shown_folder: str) -> Source:
    """The text of a lyrics file.

    ``named`` is the path in the manifest, ``folder`` the manifest's resolved folder and
    ``shown_folder`` how messages show that. Raises :class:`LyricsFileRefused`.
    """
    path = _inside(named, folder)
    try:
        text = read_text(path, most_bytes=MOST_LYRICS_BYTES)
    except Unreadable as unreadable:
        hint = unreadable.hint or _similar_file(path, folder)
        raise LyricsFileRefused(
            f"the lyrics file {excerpt(named)} {unreadable.message}", hint=hint
        ) from unreadable
    shown = f"{shown_folder}/{named}" if shown_folder not in ("", ".") else named
    source = Source(shown, text)
    control = first_control(text)
    if control is not None:
        at, name = source.position(control), character_name(text[control])
        raise LyricsFileRefused(
            f"the lyrics file {excerpt(named)} contains {name} at {at.line}:{at.column}",
            hint="delete the character there",
        )
    return source


def _inside(named: str, folder: Path) -> Path:
    outside = LyricsFileRefused(
        f"the lyrics file {excerpt(named)} lies outside the manifest's folder",
        hint="move it beside the manifest and name it relative to that",
    )
    if Path(named).is_absolute():
        raise outside
    try:
        path = (folder / named).resolve()
    except (OSError, RuntimeError, ValueError) as looping:
        raise LyricsFileRefused(
            f"the lyrics file {excerpt(named)} cannot be found: its links lead nowhere"
        ) from looping
    if not path.is_relative_to(folder):
        raise outside
    return path


def _similar_file(path: Path, folder: Path) -> str | None:
    try:
        names = sorted(each.name for each in path.parent.iterdir() if each.is_file())
    except OSError:
        return None
    near = closest(path.name, names)
    if near is None or near == path.name:
        return None
    return f"did you mean {(path.parent.relative_to(folder) / near).as_posix()}?"
