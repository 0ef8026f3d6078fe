"""The picks file: what somebody chose while listening, as the album's page hands it out."""

from __future__ import annotations

from typing import Any

from pipeline.core.documents.json_places import JsonWalk, Misplaced
from pipeline.core.findings.characters import excerpt
from pipeline.core.wanted.picks import MOST_TAKES, Pick, is_id
from pipeline.errors import UsageError

SCHEMA = "songmake/picks/1"
SCHEMA_FAMILY = "songmake/picks/"
_NAMES = ("schema", "album", "picks")
HINT = "save it again from the album's page, or: songmake pick SONG#TAKE"


def read_picks(text: str, *, shown_as: str) -> tuple[Pick, ...]:
    """The wishes of a picks file, in its order. Raises ``UsageError`` with the line."""
    try:
        return _read(JsonWalk(text), shown_as)
    except Misplaced as misplaced:
        raise UsageError(f"{shown_as}:{misplaced.line}: {misplaced.reason}", hint=HINT) from None


def _read(walk: JsonWalk, shown_as: str) -> tuple[Pick, ...]:
    said: dict[str, str] = {}
    told: list[tuple[str, int, int]] | None = None
    for name, line in walk.members():
        match name:
            case "schema" | "album":
                said[name] = _head(name, walk.value(), line)
            case "picks":
                told = [_told(song, walk.value(), at) for song, at in walk.members()]
            case _:
                raise Misplaced(line, f"{excerpt(name)} is unknown to this songmake")
    walk.end()
    for name in _NAMES:
        if name not in said and (name != "picks" or told is None):
            raise Misplaced(1, f"{name} is missing: this is no picks file")
    return tuple(
        Pick(song=song, take=take, album=said["album"], said=f"{shown_as}:{line}")
        for song, take, line in told or ()
    )


def _head(name: str, found: Any, line: int) -> str:
    shown = excerpt(found) if isinstance(found, str) else "no text"
    if name == "album" and not (isinstance(found, str) and is_id(found)):
        raise Misplaced(line, f"album is {shown}, which is no album's id")
    if name == "schema" and found != SCHEMA:
        is_kin = isinstance(found, str) and found.startswith(SCHEMA_FAMILY)
        newer = ": a newer songmake's" if is_kin else ""
        raise Misplaced(line, f"schema is {shown}, not {excerpt(SCHEMA)}{newer}")
    return str(found)


def _told(song: str, take: Any, line: int) -> tuple[str, int, int]:
    if not is_id(song):
        raise Misplaced(line, f"{excerpt(song)} is no song's id")
    if not isinstance(take, int) or isinstance(take, bool) or not 1 <= take <= MOST_TAKES:
        raise Misplaced(line, f"the take of {excerpt(song)} is no number from 1 to {MOST_TAKES}")
    return song, take, line
