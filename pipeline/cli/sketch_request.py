"""What ``songmake sketch`` is asked to play: a song of the manifests, or a prompt and lyrics."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.cli.reading import read_all, refuse_errors
from pipeline.core.purchase.attempt import State
from pipeline.core.wanted.album import AudioFormat, AudioSetting, NeutralRequest, Provider
from pipeline.core.wanted.digest import client_request_id, digest_of
from pipeline.core.wanted.lyrics import sent_lyrics, sent_prompt
from pipeline.core.wanted.selection import select
from pipeline.core.wanted.sketch_body import WORDLESS
from pipeline.core.wanted.takes import WantedTake, wanted_takes
from pipeline.errors import UsageError
from pipeline.sketch.audio import AudioSpec
from pipeline.sketch.contract import LARGEST_BODY_BYTES, MODELS, BodyInvalidError, parse_body
from pipeline.sketch.performance import performance_seed


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchRequest:
    """One performance. Its bytes are those that ``songmake render`` gets for the same take."""

    title: str
    prompt: str
    lyrics: str
    audio: AudioSpec
    seed: bytes


def from_manifests(song: str, manifests: Sequence[Path]) -> SketchRequest:
    """The one take that ``song`` selects, the picked one if it selects a song.

    Raises ``UsageError`` if it selects none, or several songs.
    """
    reading = read_all(manifests, Provider.SKETCH)
    refuse_errors(reading)
    takes = [
        take for album in reading.albums or () for take in wanted_takes(album, reading.profiles)
    ]
    found = select(takes, [song], {take.ref: State.PLANNED for take in takes})
    if len(found) > 1:
        found = tuple(take for take in found if take.is_picked) or found[:1]
    if len(found) > 1:
        names = ", ".join(f"{take.ref.album}/{take.ref.song}" for take in found[:4])
        raise UsageError(
            f"'{song}' selects several songs: {names}",
            hint=f"name one of them: songmake sketch explain {names.partition(',')[0]}",
        )
    return _of_take(found[0])


def _of_take(take: WantedTake) -> SketchRequest:
    name = f"{take.title} ({take.ref})"
    return _request(name, take.body, client_request_id(take.digest, attempt=1, nonce="n"))


def from_texts(
    *,
    title: str,
    prompt: str,
    lyrics: str,
    audio: AudioSpec,
    take: int,
    revision: int,
    seed: str | None,
) -> SketchRequest:
    """A song that no manifest has. ``seed`` names a performance, in place of take and revision.

    Without lyrics it is played, not sung.

    Raises ``UsageError`` where the contract forbids it.
    """
    body = {
        "model": MODELS[0],
        "prompt": sent_prompt((), prompt),
        "lyrics": sent_lyrics(lyrics) or WORDLESS,
        "audio_setting": {
            "format": audio.format,
            "sample_rate": audio.sample_rate,
            "bitrate": audio.bitrate,
        },
    }
    request = _request(title, body, _request_id(body, take, revision))
    if seed is None:
        return request
    named = hashlib.sha256(seed.encode(errors="surrogateescape")).digest()
    return SketchRequest(
        title=title, prompt=request.prompt, lyrics=request.lyrics, audio=audio, seed=named
    )


def _request_id(body: dict[str, Any], take: int, revision: int) -> str:
    setting = body["audio_setting"]
    wanted = NeutralRequest(
        model=body["model"], prompt=body["prompt"], lyrics=body["lyrics"],
        audio=AudioSetting(
            format=AudioFormat(setting["format"]), sample_rate=setting["sample_rate"],
            bitrate=setting["bitrate"],
        ),
    )  # fmt: skip
    digest = digest_of(wanted, provider=Provider.SKETCH, take=take, revision=revision)
    return client_request_id(digest, attempt=1, nonce="n")


def _request(title: str, body: dict[str, Any], request_id: str) -> SketchRequest:
    raw = json.dumps(body).encode()
    try:
        if len(raw) > LARGEST_BODY_BYTES:
            raise BodyInvalidError((f"more than {LARGEST_BODY_BYTES} bytes",))
        request = parse_body(raw)
    except BodyInvalidError as error:
        raise UsageError(str(error), hint="songmake sketch render --help") from error
    return SketchRequest(
        title=title, prompt=request.prompt, lyrics=request.lyrics, audio=request.audio,
        seed=performance_seed(request.body, request_id),
    )  # fmt: skip
