"""What each model's POST may hold, as its provider describes it.

Written down here once more, and by hand: what the product believes is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MODEL = "minimax/music-2.6"
SAMPLE_RATES = (16000, 24000, 32000, 44100)
BITRATES = (32000, 64000, 128000, 256000)
FORMATS = ("mp3", "wav", "pcm")
ENDLESS = 10**9


class RefusedError(Exception):
    """The request is answered with 400; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One model's body: ``texts`` and ``numbers`` with their limits, both ends included.

    ``rate`` is the name of the sample rate in ``audio_setting``, None where the model has no such
    setting and makes its files as ``delivers`` says. No two of a pair in ``excluding`` come
    together, where a boolean counts when it is true.
    """

    required: tuple[str, ...]
    texts: dict[str, tuple[int, int]]
    numbers: dict[str, tuple[int, int]] = field(default_factory=dict)
    booleans: tuple[str, ...] = ()
    rate: str | None = None
    is_format_required: bool = True
    excluding: tuple[tuple[str, str], ...] = ()
    delivers: str = "mp3"
    has_named_ids: bool = True  # ids that end in a colon and the model's name


_SONG = ("model", "prompt", "lyrics")
_SUNG = {"prompt": (10, 2000), "lyrics": (10, 3000)}
SEED = Contract(required=_SONG, texts=_SUNG, rate="sample_rate", has_named_ids=False)
APRIL = Contract(
    required=("model",),
    texts=_SUNG,
    booleans=("is_instrumental", "lyrics_optimizer"),
    rate="audio_sample_rate",
    is_format_required=False,
    excluding=(("lyrics", "is_instrumental"), ("lyrics", "lyrics_optimizer")),
    has_named_ids=False,
)
MUSIC_26 = {"seed": SEED, "2026-04": APRIL}
OTHERS = {
    "minimax/music-2.0": Contract(required=_SONG, texts=_SUNG, rate="audio_sample_rate"),
    "minimax/music-1.5": Contract(
        required=_SONG, texts={**_SUNG, "prompt": (10, 300)}, rate="audio_sample_rate"
    ),
    "elevenlabs/eleven_music": Contract(
        required=("model", "prompt"),
        texts={"prompt": (1, 2000)},
        numbers={"music_length_ms": (10_000, 300_000)},
    ),
    "google/lyria2": Contract(
        required=("model", "prompt"),
        texts={"prompt": (1, ENDLESS), "negative_prompt": (1, ENDLESS)},
        numbers={"seed": (-ENDLESS, ENDLESS)},
        delivers="wav",
    ),
    "stable-audio": Contract(
        required=("model", "prompt"),
        texts={"prompt": (1, ENDLESS)},
        numbers={"seconds_total": (1, 47), "steps": (1, 1000)},
        delivers="wav",
    ),
}


def contract_of(model: Any, music_26: str) -> Contract:
    """The contract of a model; ``music_26`` says which of its two the double keeps."""
    contracts = {MODEL: MUSIC_26[music_26], **OTHERS}
    if not isinstance(model, str) or model not in contracts:
        raise RefusedError(f"model must be one of {', '.join(contracts)}")
    return contracts[model]


def check_body(body: dict[str, Any], contract: Contract) -> None:
    """Raises ``RefusedError`` for the first thing that the contract does not allow."""
    known = {"model", *contract.texts, *contract.numbers, *contract.booleans}
    only(body, known | ({"audio_setting"} if contract.rate else set()), "body")
    for name in contract.required:
        if name not in body:
            raise RefusedError(f"{name} is required")
    for name in body:
        if name in contract.texts:
            text(body[name], *contract.texts[name], name)
        elif name in contract.numbers:
            _number(body[name], *contract.numbers[name], name)
        elif name in contract.booleans and not isinstance(body[name], bool):
            raise RefusedError(f"{name} must be true or false")
    for one, other in contract.excluding:
        if body.get(one) and body.get(other):
            raise RefusedError(f"{one} and {other} exclude each other")
    if "audio_setting" in body and contract.rate is not None:
        _check_audio(body["audio_setting"], contract.rate, contract.is_format_required)


def _check_audio(audio: Any, rate: str, is_format_required: bool) -> None:
    if not isinstance(audio, dict):
        raise RefusedError("audio_setting must be an object")
    only(audio, {rate, "bitrate", "format"}, "audio_setting")
    if is_format_required or "format" in audio:
        _one_of(audio.get("format"), FORMATS, "audio_setting.format")
    if rate in audio:
        _one_of(audio[rate], SAMPLE_RATES, f"audio_setting.{rate}")
    if "bitrate" in audio:
        _one_of(audio["bitrate"], BITRATES, "audio_setting.bitrate")


def only(mapping: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(mapping) - known)
    if unknown:
        raise RefusedError(f"{where}: unrecognized property {unknown[0]!r}")


def _one_of(found: Any, allowed: tuple[str | int, ...], where: str) -> None:
    if not any(type(found) is type(choice) and found == choice for choice in allowed):
        raise RefusedError(f"{where} must be one of {', '.join(map(str, allowed))}")


def _number(found: Any, least: int, most: int, where: str) -> None:
    if type(found) is not int or not least <= found <= most:
        raise RefusedError(f"{where} must be a whole number from {least} to {most}")


def text(found: Any, shortest: int, longest: int, where: str) -> None:
    if not isinstance(found, str):
        raise RefusedError(f"{where} must be a string")
    if any("\ud800" <= sign <= "\udfff" for sign in found):
        raise RefusedError(f"{where} holds half a character")
    if not shortest <= len(found) <= longest:
        raise RefusedError(f"{where} takes {shortest} to {longest} characters, not {len(found)}")
