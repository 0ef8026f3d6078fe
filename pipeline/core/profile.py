"""What songmake knows of a model: price, limits, wire names. The facts are files under schemas/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.core.album import NeutralRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One model of the hosted API.

    ``wire`` maps a neutral name (``prompt``, ``audio.sample_rate``) to the dotted path of the
    request body; a neutral name that is not in it cannot be asked of this model. ``request_schema``
    is the JSON Schema (draft 2020-12) of that body. ``price_usd`` is per generation.
    """

    model: str
    price_usd: Decimal
    wire: Mapping[str, str]
    audio_defaults: Mapping[str, str | int]
    structure_tags: tuple[str, ...]
    request_schema: Mapping[str, Any]


def neutral_fields(request: NeutralRequest) -> dict[str, str | int | bool]:
    """The request by neutral name, absent parts left out: ``audio.format`` and the like."""
    fields: dict[str, str | int | bool] = {
        "model": request.model,
        "prompt": request.prompt,
        "audio.format": request.audio.format.value,
        "audio.sample_rate": request.audio.sample_rate,
        "audio.bitrate": request.audio.bitrate,
    }
    if request.lyrics is not None:
        fields["lyrics"] = request.lyrics
    if request.instrumental:
        fields["instrumental"] = True
    return fields


def wire_body(profile: Profile, request: NeutralRequest) -> dict[str, Any]:
    """The JSON body that is sent for a request, and nothing else.

    Raises ``KeyError`` for a neutral field that the profile has no wire name for; the manifest
    loader refuses such a request first.
    """
    body: dict[str, Any] = {}
    for name, field in neutral_fields(request).items():
        *parents, leaf = profile.wire[name].split(".")
        place = body
        for parent in parents:
            place = place.setdefault(parent, {})
        place[leaf] = field
    return body
