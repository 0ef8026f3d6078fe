"""What songmake knows of a model: price, limits, wire names. The facts are files under schemas/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from pipeline.core.wanted.album import DEFAULT_CONTRACT, NeutralRequest, Song

AUDIO = "audio"


class ProfileKey(NamedTuple):
    """A model, and by which of its provider's contracts it is asked."""

    model: str
    contract: str = DEFAULT_CONTRACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One model of the hosted API under one contract.

    ``wire`` maps a neutral name (``prompt``, ``audio.sample_rate``) to the dotted path of the
    request body; a neutral name that is not in it cannot be asked of this model, and texts that
    share a path are sent as one. ``scale`` is what a neutral number is multiplied with on its way.
    ``defaults`` are filled in, and sent, where a manifest is silent. ``structure_tags`` is None
    where nobody says which the model knows. ``request_schema`` is the JSON Schema (draft 2020-12)
    of the body. ``price_usd`` is per generation, None where it is not known. ``usual_wait`` is how
    long one takes, in words: ``seconds`` or ``minutes``, None where nobody has seen it.
    """

    model: str
    contract: str = DEFAULT_CONTRACT
    price_usd: Decimal | None
    wire: Mapping[str, str]
    scale: Mapping[str, int]
    defaults: Mapping[str, str | int]
    structure_tags: tuple[str, ...] | None
    request_schema: Mapping[str, Any]
    usual_wait: str | None = None
    _words: frozenset[str] = field(init=False, repr=False, compare=False)
    _paths: Mapping[str, tuple[tuple[str, ...], str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Collects the words that it can be asked: ``audio.format`` is said as ``audio``."""
        heads = {name.partition(".")[0] for name in self.wire}
        object.__setattr__(self, "_words", frozenset(self.wire) | heads)
        split = {name: path.split(".") for name, path in self.wire.items()}
        paths = {name: (tuple(keys[:-1]), keys[-1]) for name, keys in split.items()}
        object.__setattr__(self, "_paths", paths)

    @property
    def key(self) -> ProfileKey:
        """What it is found by."""
        return ProfileKey(self.model, self.contract)

    def takes(self, word: str) -> bool:
        """Whether a word of the manifest (``lyrics``, ``audio``, ``seed``) can be asked of it."""
        return word in self._words

    def wire_path(self, name: str) -> tuple[tuple[str, ...], str]:
        """Under which key a neutral name is sent, behind those of the objects around it.

        Raises ``KeyError``.
        """
        return self._paths[name]

    def limit(self, name: str, rule: str) -> int | None:
        """The limit of a neutral number, ``minimum`` or ``maximum``, in the neutral unit."""
        described = self.request_schema["properties"].get(self.wire.get(name), {})
        bound = described.get(rule)
        return None if bound is None else bound // self.scale.get(name, 1)


Profiles = Mapping[ProfileKey, Profile]


def profile_of(song: Song, profiles: Profiles) -> Profile:
    """The profile that a song of a valid manifest is asked by."""
    return profiles[ProfileKey(song.request.model, song.contract)]


def neutral_fields(request: NeutralRequest) -> dict[str, str | int | bool]:
    """The request by neutral name, absent parts left out: ``audio.format`` and the like."""
    fields: dict[str, str | int | bool] = {"model": request.model, "prompt": request.prompt}
    if request.audio is not None:
        fields["audio.format"] = request.audio.format.value
        fields["audio.sample_rate"] = request.audio.sample_rate
        fields["audio.bitrate"] = request.audio.bitrate
    if request.lyrics is not None:
        fields["lyrics"] = request.lyrics
    if request.instrumental:
        fields["instrumental"] = True
    if request.lyrics_optimizer:
        fields["lyrics_optimizer"] = True
    if request.negative_prompt is not None:
        fields["negative_prompt"] = request.negative_prompt
    if request.length_s is not None:
        fields["length_s"] = request.length_s
    if request.seed is not None:
        fields["seed"] = request.seed
    if request.steps is not None:
        fields["steps"] = request.steps
    return fields


def wire_body(profile: Profile, request: NeutralRequest) -> dict[str, Any]:
    """The JSON body that is sent for a request, and nothing else; an empty prompt is not sent.

    Raises ``KeyError`` for a neutral field that the profile has no wire name for; the manifest
    loader refuses such a request first.
    """
    body: dict[str, Any] = {}
    for name, asked in neutral_fields(request).items():
        if name == "prompt" and not asked:
            continue
        parents, leaf = profile.wire_path(name)
        place = body
        for parent in parents:
            place = place.setdefault(parent, {})
        scaled = asked * profile.scale[name] if name in profile.scale else asked
        place[leaf] = f"{place[leaf]}\n\n{scaled}" if leaf in place else scaled
    return body
