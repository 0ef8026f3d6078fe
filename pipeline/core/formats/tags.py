"""What a published track says about itself, before any file format has a word for it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from pipeline.core.wanted.cover import Cover

_LINE_BREAKS = frozenset("\n\r\t\v\f\x85\u2028\u2029")
_UNWRITABLE = frozenset({"Cc", "Cs"})  # controls, NUL among them, and halves of surrogate pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackTags:
    """The metadata of one track; what is None or blank is not written.

    ``date`` is YYYY, YYYY-MM or YYYY-MM-DD, ``bpm`` whole beats a minute, ``key`` as in ``Am`` or
    ``F#``, ``isrc`` twelve characters without dashes, ``language`` three letters of ISO 639-2,
    ``copyright`` begins with its year. ``lyrics`` and ``comment`` may have several lines.
    ``track_count`` is only written beside a ``track_number``. ``named_texts`` are pairs of a name
    that players agree on (``ITUNESADVISORY``) and its value, for what no field was made for.
    """

    title: str | None = None
    artist: str | None = None
    album_artist: str | None = None
    album: str | None = None
    date: str | None = None
    track_number: int | None = None
    track_count: int | None = None
    lyrics: str | None = None
    genre: str | None = None
    composer: str | None = None
    lyricist: str | None = None
    isrc: str | None = None
    bpm: int | None = None
    key: str | None = None
    copyright: str | None = None
    publisher: str | None = None
    language: str | None = None
    comment: str | None = None
    named_texts: tuple[tuple[str, str], ...] = ()
    cover: Cover | None = None


def one_line(text: str) -> str:
    """``text`` as one line that every tag format can hold: breaks become spaces, controls go."""
    if text.isprintable():
        return text.strip()
    spaced = "".join(" " if sign in _LINE_BREAKS else sign for sign in text)
    return _writable(spaced, keeps="").strip()


def many_lines(text: str) -> str:
    """``text`` with LF line ends and without controls; blank lines around it go."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _writable(unified, keeps="\n\t").strip()


def _writable(text: str, *, keeps: str) -> str:
    """``text`` without controls; most texts have none but line ends, and are not gone through."""
    if all(map(str.isprintable, text.replace("\t", " ").split("\n") if keeps else (text,))):
        return text
    return "".join(
        sign for sign in text if sign in keeps or unicodedata.category(sign) not in _UNWRITABLE
    )
