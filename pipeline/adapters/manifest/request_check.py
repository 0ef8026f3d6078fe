"""The finished request of a song against the limits of its model, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.adapters.manifest.schema_wording import Words, worded
from pipeline.core.album import NeutralRequest
from pipeline.core.profile import Profile, neutral_fields, wire_body

_NEEDED = {
    "lyrics": "write the words, or structure tags alone, such as [Intro] and [Inst] on lines",
    "prompt": "write a prompt, or name a style",
}


class Breach(NamedTuple):
    """A limit that the request breaks, by the neutral name of the part that breaks it."""

    name: str
    words: Words


def breaches(request: NeutralRequest, profile: Profile, validator: Any) -> Iterator[Breach]:
    """What the model would refuse. ``validator`` is the strict one of its request schema."""
    names = neutral_fields(request)
    unknown = [name for name in names if name not in profile.wire]
    for name in unknown:
        words = Words(f"{profile.model} takes no {name}", f"leave {name} out")
        yield Breach(name, words)
    if unknown:
        return
    body = wire_body(profile, request)
    neutral_names = {wire: name for name, wire in profile.wire.items()}
    for error in validator.iter_errors(body):
        yield from _read(error, neutral_names, profile.model)


def _read(error: Any, neutral_names: dict[str, str], model: str) -> Iterator[Breach]:
    path = tuple(str(step) for step in error.absolute_path)
    if error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield _missing(_neutral((*path, key), neutral_names), model)
        return
    name = _neutral(path, neutral_names)
    words = worded(name, error.validator, error.validator_value, error.instance, error.schema)
    yield Breach(name, Words(f"{words.message} ({model})", words.hint))


def _neutral(path: tuple[str, ...], neutral_names: dict[str, str]) -> str:
    dotted = ".".join(path)
    return neutral_names.get(dotted, dotted)


def _missing(name: str, model: str) -> Breach:
    return Breach(name, Words(f"{model} needs {name}", _NEEDED.get(name)))
