"""Manifests and takes for tests: a test names only what it is about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.core.purchase.attempt import Attempt, State, StoredAudio, ref_of
from pipeline.core.wanted.album import (
    Album,
    AlbumId,
    AudioFormat,
    AudioSetting,
    Checksum,
    NeutralRequest,
    Provider,
    Song,
    SongId,
)
from pipeline.core.wanted.digest import canonical_json, client_request_id, digest_of, identity_of
from pipeline.core.wanted.profile import Profile
from pipeline.core.wanted.takes import WantedTake, wanted_takes

LYRICS = "[Verse]\nStreetlights flicker, the night breeze sighs"


def song(title: str = "A song", **fields: Any) -> dict[str, Any]:
    """A song of a manifest, as data."""
    return {"title": title, "prompt": "warm indie folk, 92 BPM", "lyrics": LYRICS, **fields}


def songs(count: int) -> dict[str, Any]:
    """So many songs that differ in title and prompt: ``song-1``, ``song-2``, …"""
    return {
        f"song-{number}": song(f"Song {number}", prompt=f"warm indie folk, {80 + number} BPM")
        for number in range(1, count + 1)
    }


def write_manifest(
    project: Path,
    songs: Mapping[str, Any] | None = None,
    *,
    name: str = "album",
    provider: str = "aimlapi",
    **fields: Any,
) -> Path:
    """Writes ``manifests/NAME.yaml`` (JSON is YAML) and returns its path."""
    document = {
        "album": {"title": "An album", "artist": "An artist", "year": 2026},
        "provider": provider,
        "songs": songs if songs is not None else {"one": song()},
        **fields,
    }
    path = project / "manifests" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


PROFILE = Profile(
    model="minimax/music-2.6",
    price_usd=Decimal("0.195"),
    wire={
        "model": "model",
        "prompt": "prompt",
        "lyrics": "lyrics",
        "audio.format": "audio_setting.format",
        "audio.sample_rate": "audio_setting.sample_rate",
        "audio.bitrate": "audio_setting.bitrate",
        "instrumental": "is_instrumental",
        "lyrics_optimizer": "lyrics_optimizer",
    },
    scale={},
    defaults={"audio.format": "mp3", "audio.sample_rate": 44100, "audio.bitrate": 256000},
    structure_tags=("Verse", "Chorus"),
    request_schema={},
)


def a_request(**fields: Any) -> NeutralRequest:
    asked = {
        "model": "minimax/music-2.6",
        "prompt": "warm indie folk, 92 BPM",
        "lyrics": LYRICS,
        "audio": AudioSetting(format=AudioFormat.MP3, sample_rate=44100, bitrate=256000),
    }
    return NeutralRequest(**{**asked, **fields})


def a_song(name: str = "one", **fields: Any) -> Song:
    made = {"id": SongId(name), "number": 1, "title": name.title(), "request": a_request()}
    return Song(**{**made, **fields})


def an_album(songs: Sequence[Song] | None = None, **fields: Any) -> Album:
    made = {
        "id": AlbumId("album"),
        "title": "An album",
        "artist": "An artist",
        "year": 2026,
        "provider": Provider.AIMLAPI,
        "budget_usd": None,
        "songs": tuple(songs) if songs is not None else (a_song(),),
        "source": "manifests/album.yaml",
    }
    return Album(**{**made, **fields})


def takes_of(album: Album) -> tuple[WantedTake, ...]:
    return wanted_takes(album, {PROFILE.key: PROFILE})


def an_audio(**fields: Any) -> StoredAudio:
    made = {
        "checksum": Checksum("c" * 64),
        "size_bytes": 1000,
        "milliseconds": 90_000,
        "format": "mp3",
        "sample_rate_hz": 44100,
        "channels": 2,
    }
    return StoredAudio(**{**made, **fields})


def an_attempt(state: State = State.PUBLISHED, **fields: Any) -> Attempt:
    """An attempt at the first take of :func:`a_song`, with what its state asks for."""
    digest = digest_of(a_request(), provider=Provider.AIMLAPI, take=1, revision=0)
    number = fields.get("number", 1)
    made = {
        "client_request_id": client_request_id(digest, attempt=number, nonce="n0"),
        "digest": digest,
        "number": 1,
        "ref": ref_of("album", "one", 1),
        "title": "One",
        "provider": Provider.AIMLAPI,
        "origin": "https://api.aimlapi.com",
        "model": "minimax/music-2.6",
        "state": state,
        "identity_json": canonical_json(
            identity_of(a_request(), provider=Provider.AIMLAPI, take=1, revision=0)
        ),
        "body_json": "{}",
        "reserved_microusd": 195_000,
        "intent_at": "2026-08-01T09:30:00.000Z",
        "generation_id": "g" * 21,
        "audio": an_audio() if state in (State.STORED, State.PUBLISHED) else None,
    }
    return Attempt(**{**made, **fields})
