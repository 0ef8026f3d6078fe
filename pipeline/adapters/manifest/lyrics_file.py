"""Lyrics from a file beside the manifest."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.manifest.beside import FileRefused, path_beside, similar_file
from pipeline.adapters.manifest.source import Source, Unreadable, read_text
from pipeline.core.findings.characters import character_name, excerpt, first_control

MOST_LYRICS_BYTES = 256 * 1024  # many times what any model takes


def load_lyrics(named: str, *, folder: Path, shown_folder: str) -> Source:
    """The text of a lyrics file.

    ``named`` is the path in the manifest, ``folder`` the manifest's resolved folder and
    ``shown_folder`` how messages show that. Raises :class:`FileRefused`.
    """
    path = path_beside(named, folder, called="the lyrics file")
    try:
        text = read_text(path, most_bytes=MOST_LYRICS_BYTES)
    except Unreadable as unreadable:
        hint = unreadable.hint or similar_file(path, folder)
        raise FileRefused(
            f"the lyrics file {excerpt(named)} {unreadable.message}", hint=hint
        ) from unreadable
    shown = f"{shown_folder}/{named}" if shown_folder not in ("", ".") else named
    source = Source(shown, text)
    control = first_control(text)
    if control is not None:
        at, name = source.position(control), character_name(text[control])
        raise FileRefused(
            f"the lyrics file {excerpt(named)} contains {name} at {at.line}:{at.column}",
            hint="delete the character there",
        )
    return source
