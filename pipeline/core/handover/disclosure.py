"""``ai-disclosure.json``: what AI made of an album and what people did.

The parts are those that the music industry's DDEX standards tell apart when a release says where
AI was used. What a model made is read from the journal, what people did from the manifest's
``credits``; what neither says is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.core.handover.delivered import DeliveredTrack
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.album import Album, Provider
from pipeline.core.wanted.credits import SONG_PARTS, Contributor, Credit, Credits, Involvement, Part

SCHEMA = "songmake/ai-disclosure/1"
SKETCH_TOOL = "songmake sketch engine"
_SUNG = frozenset({Part.LYRICS, Part.VOCALS})
_NO_CREDIT = Credit()


def ai_disclosure(album: Album, tracks: Sequence[DeliveredTrack]) -> dict[str, Any]:
    """The document; its form is ``schemas/ai-disclosure.schema.json``."""
    artwork = album.credits.parts.get(Part.ARTWORK, _NO_CREDIT)
    return {
        "schema": SCHEMA,
        "album": album.id,
        "title": album.title,
        "artist": album.artist,
        "upc": album.metadata.get("upc"),
        "artwork": None if album.cover is None else _part(artwork, None),
        "contributors": _contributors(album.credits.contributors),
        "tracks": [_track(album, track) for track in tracks],
    }


def _track(album: Album, track: DeliveredTrack) -> dict[str, Any]:
    attempt = track.attempt
    return {
        "number": track.song.number,
        "song": track.song.id,
        "take": track.take_number,
        "title": track.song.title,
        "isrc": track.tags.isrc,
        "file": track.file_name,
        "sha256": track.checksum,
        "rendering": _rendering(attempt),
        "parts": _parts(album.credits, track),
        "contributors": _contributors(track.song.credits.contributors),
    }


def _rendering(attempt: Attempt) -> dict[str, Any] | None:
    """What made the sound; None for adopted audio, of which the journal cannot tell."""
    if attempt.is_adopted:
        return None
    return {
        "provider": attempt.provider.value,
        "model": _tool(attempt),
        "generation_id": attempt.generation_id,
        "completed_at": attempt.completed_at,
    }


def _tool(attempt: Attempt) -> str:
    """What made the sound: a sketch is asked for in a model's words, but the engine plays it."""
    return SKETCH_TOOL if attempt.provider is Provider.SKETCH else attempt.model


def _parts(album: Credits, track: DeliveredTrack) -> dict[str, Any]:
    said: Mapping[Part, Credit] = {**album.parts, **track.song.credits.parts}
    people = {Part.COMPOSITION: track.tags.composer, Part.LYRICS: track.tags.lyricist}
    parts: dict[str, Any] = {}
    for part in SONG_PARTS:
        if part in _SUNG and track.is_sung is False:
            parts[part.value] = None
            continue
        credit = said.get(part, _NO_CREDIT)
        is_rendered = credit.ai is not Involvement.NONE and _is_rendered(part, track)
        tool = _tool(track.attempt) if is_rendered else None
        parts[part.value] = _part(credit, tool, named=people.get(part))
    return parts


def _is_rendered(part: Part, track: DeliveredTrack) -> bool:
    """Whether the model made a part, as the request says: words only if it was asked for them."""
    if track.attempt.is_adopted:
        return False
    if part is Part.LYRICS:
        return track.song.request.lyrics_optimizer
    return part is not Part.VOCALS or track.is_sung is True


def _part(credit: Credit, tool: str | None, *, named: str | None = None) -> dict[str, Any]:
    """``tool`` rendered the part, by the journal; ``named`` is whom the metadata credits."""
    ai = credit.ai or (Involvement.GENERATED if tool else None)
    people = (*((named,) if named else ()), *credit.people)
    return {
        "ai": None if ai is None else ai.value,
        "source": "manifest" if credit.ai else "journal" if tool else None,
        "tool": credit.tool or tool,
        "people": list(dict.fromkeys(people)),
        "note": credit.note,
    }


def _contributors(people: Sequence[Contributor]) -> list[dict[str, str]]:
    return [{"name": person.name, "role": person.role} for person in people]
