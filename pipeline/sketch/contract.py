"""The API's words: which bodies are valid, how answers and errors are shaped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from pipeline.sketch.audio import BITRATES_BPS, FORMATS, SAMPLE_RATES_HZ, AudioSpec

MODELS = ("minimax/music-2.6",)
LARGEST_BODY_BYTES = 256 * 1024
PROMPT_LENGTHS = (10, 2000)  # code points
LYRICS_LENGTHS = (10, 3000)
CREDITS_PER_USD = 2_000_000
_LONGEST_NAME, _MOST_NAMES = 64, 16  # of unknown fields that are told about

_CLIENT_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """A valid body, and how the engine reads it."""

    body: dict[str, Any]  # the contract's fields, as they were sent
    ignored: tuple[str, ...]  # fields that were sent and that the contract does not know
    model: str
    prompt: str
    lyrics: str
    audio: AudioSpec


class BodyInvalidError(Exception):
    """The body breaks the contract; ``complaints`` names every break."""

    def __init__(self, complaints: tuple[str, ...]) -> None:
        """``complaints``: field and fault, one each."""
        super().__init__("; ".join(complaints))
        self.complaints = complaints


def parse_body(raw: bytes) -> GenerationRequest:
    """Read a POST's body. Raises :class:`BodyInvalidError`.

    As in the published schema, which leaves objects open, a field that it does not know breaks
    nothing: it is left out, changes no song, and is named in ``ignored``.
    """
    try:
        body = json.loads(
            raw.decode(), parse_constant=_refuse_constant, object_pairs_hook=_each_once
        )
    except _RepeatedError as error:
        raise BodyInvalidError((f"{error}: given twice",)) from error
    except (ValueError, RecursionError) as error:
        raise BodyInvalidError(("the body is not JSON",)) from error
    if not isinstance(body, dict):
        raise BodyInvalidError(("the body is not an object",))
    complaints = tuple(_complaints(body))
    if complaints:
        raise BodyInvalidError(complaints)
    return read_body(body)


def read_body(body: dict[str, Any]) -> GenerationRequest:
    """A body known to be valid, with what it leaves out filled in."""
    known = {name: sent for name, sent in body.items() if name in _FIELDS}
    setting = body.get("audio_setting", {})
    if "audio_setting" in known:
        known["audio_setting"] = {
            name: sent for name, sent in setting.items() if name in _AUDIO_FIELDS
        }
    return GenerationRequest(
        body=known, ignored=_unknown(body, setting), model=body["model"], prompt=body["prompt"],
        lyrics=body["lyrics"], audio=AudioSpec(**known.get("audio_setting", {})),
    )  # fmt: skip


def _unknown(body: dict[str, Any], setting: dict[str, Any]) -> tuple[str, ...]:
    names = (
        *(name for name in body if name not in _FIELDS),
        *(f"audio_setting.{name}" for name in setting if name not in _AUDIO_FIELDS),
    )
    # A name may be anything that JSON can spell: a novel, or half of a surrogate pair.
    return tuple(
        name[:_LONGEST_NAME].encode(errors="backslashreplace").decode()
        for name in names[:_MOST_NAMES]
    )


class _RepeatedError(Exception):
    """A key that an object has twice."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedError(key)
        found[key] = value
    return found


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _complaints(body: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for key, check in _FIELDS.items():
        if key in body:
            found += check(key, body[key])
        elif key != "audio_setting":
            found.append(f"{key}: required")
    return found


def _one_of(*choices: str | int) -> Callable[[str, Any], list[str]]:
    def check(key: str, value: Any) -> list[str]:
        # 44100.0 and True are equal to integers, and are none.
        is_choice = any(type(value) is type(choice) and value == choice for choice in choices)
        return [] if is_choice else [f"{key}: must be one of {', '.join(map(str, choices))}"]

    return check


def _text(least: int, most: int) -> Callable[[str, Any], list[str]]:
    def check(key: str, value: Any) -> list[str]:
        if not isinstance(value, str):
            return [f"{key}: must be a string"]
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            return [f"{key}: has half of a surrogate pair"]
        is_fit = least <= len(value) <= most
        return (
            [] if is_fit else [f"{key}: must have {least} to {most} characters, has {len(value)}"]
        )

    return check


def _audio_setting(key: str, value: Any) -> list[str]:
    if not isinstance(value, dict):
        return [f"{key}: must be an object"]
    found: list[str] = []
    for name, check in _AUDIO_FIELDS.items():
        if name in value:
            found += check(f"{key}.{name}", value[name])
        elif name == "format":
            found.append(f"{key}.{name}: required")
    return found


_AUDIO_FIELDS = {
    "format": _one_of(*FORMATS),
    "sample_rate": _one_of(*SAMPLE_RATES_HZ),
    "bitrate": _one_of(*BITRATES_BPS),
}
_FIELDS = {
    "model": _one_of(*MODELS),
    "prompt": _text(*PROMPT_LENGTHS),
    "lyrics": _text(*LYRICS_LENGTHS),
    "audio_setting": _audio_setting,
}


def client_request_id(header: str | None) -> str | None:
    """The header's id, or None: a malformed one is dropped without a word, as the vendor does."""
    return header if header is not None and _CLIENT_REQUEST_ID.fullmatch(header) else None


def error_body(
    status: int,
    message: str,
    *,
    path: str,
    request_id: str,
    at: str,
    is_problem: bool = False,
) -> dict[str, Any]:
    """The vendor's shape of an error; ``is_problem``: the other one, ``problem+json``."""
    if is_problem:
        title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
        return {
            "title": title, "status": status, "message": message, "instance": path,
            "requestId": request_id, "error": {"name": title.replace(" ", ""), "message": message},
        }  # fmt: skip
    return {
        "message": message, "path": path, "requestId": request_id, "statusCode": str(status),
        "timestamp": at,
    }  # fmt: skip


def bucket_error_body(status: int, message: str, *, request_id: str) -> bytes:
    """An error of the storage behind the download links, which speaks XML."""
    code = {403: "AccessDenied", 404: "NoSuchKey", 416: "InvalidRange"}.get(status, "InternalError")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error>'
        f"<Code>{code}</Code><Message>{escape(message)}</Message>"
        f"<RequestId>{request_id}</RequestId></Error>\n"
    ).encode()
