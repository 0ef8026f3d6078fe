"""The finished request of a song against the limits of its model, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pipeline.adapters.manifest.gated_schema import GatedSchema
from pipeline.adapters.manifest.schema_wording import Words, worded
from pipeline.core.wanted.album import NeutralRequest
from pipeline.core.wanted.profile import Profile, neutral_fields, wire_body

_NEEDED = {
    "lyrics": "write the words, or structure tags alone, such as [Intro] and [Inst] on lines",
    "prompt": "write a prompt, or name a style",
}


class Breach(NamedTuple):
    """A limit that the request breaks, by the neutral name of the part that breaks it."""

    name: str
    words: Words


def breaches(request: NeutralRequest, profile: Profile, schema: GatedSchema) -> Iterator[Breach]:
    """What the model would refuse. ``schema`` is that of its requests."""
    if request.lyrics == "":
        yield Breach("lyrics", Words(f"lyrics must not be empty ({profile.model})"))
    for error in schema.iter_errors(wire_body(profile, request)):
        yield from _Reading(profile, neutral_fields(request)).breaches_of(error)


class _Reading:
    """A schema's complaints about a body, in the words of the request that it was made from."""

    def __init__(self, profile: Profile, asked: Mapping[str, object]) -> None:
        self._profile = profile
        self._asked = asked

    def breaches_of(self, error: Any) -> Iterator[Breach]:
        path = tuple(str(step) for step in error.absolute_path)
        match error.validator:
            case "required":
                for key in error.validator_value:
                    if key not in error.instance:
                        yield self._missing(self._names((*path, key))[0])
            case "not":
                yield self._conflict(error.validator_value["required"])
            case "anyOf":
                needed = [self._names((key,))[0] for each in error.validator_value
                          for key in each["required"]]  # fmt: skip
                model = self._profile.model
                yield Breach(needed[0], Words(f"{model} needs {' or '.join(needed)}"))
            case _:
                yield self._beyond(path, error)

    def _names(self, path: tuple[str, ...]) -> list[str]:
        """What is sent at a path: the parts of the request, or what could be one."""
        dotted = ".".join(path)
        possible = [name for name, wire in self._profile.wire.items() if wire == dotted]
        return [name for name in possible if name in self._asked] or possible or [dotted]

    def _missing(self, name: str) -> Breach:
        return Breach(name, Words(f"{self._profile.model} needs {name}", _NEEDED.get(name)))

    def _conflict(self, keys: list[str]) -> Breach:
        one, other = (self._names((key,))[0] for key in keys)
        message = f"{one} and {other} exclude each other ({self._profile.model})"
        return Breach(other, Words(message, "delete one of them"))

    def _beyond(self, path: tuple[str, ...], error: Any) -> Breach:
        names = self._names(path)
        label = names[0] if len(names) == 1 else f"{' and '.join(names)} together"
        limit, value = error.validator_value, error.instance
        if scale := self._profile.scale.get(names[0]):
            limit, value = limit // scale, value // scale
        words = worded(label, error.validator, limit, value, error.schema)
        return Breach(names[-1], Words(f"{words.message} ({self._profile.model})", words.hint))
