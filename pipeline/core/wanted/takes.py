"""The takes that an album wants, each with everything that buying and publishing it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.core.money import microusd
from pipeline.core.wanted.album import (
    Album,
    AudioSetting,
    Digest,
    NeutralRequest,
    Provider,
    Song,
    TakeRef,
)
from pipeline.core.wanted.digest import canonical_json, identity_of, known_digests
from pipeline.core.wanted.profile import Profile, Profiles, profile_of, wire_body
from pipeline.core.wanted.sketch_body import sketch_body

# No budget has room for it. The manifest's reader refuses to buy what has no price; only the
# report of an album that is sketched comes this far without one, and reads no price.
UNKNOWN_PRICE_MICROUSD = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTake:
    """One wanted rendering. ``digests`` are all versions it may have been bought under.

    ``audio`` is None where the model takes no audio setting. The documents are made when they are
    asked for: an album's would fill more memory than all the rest of a run.
    """

    ref: TakeRef
    title: str
    song_number: int
    is_picked: bool
    digests: tuple[Digest, ...]
    provider: Provider
    model: str
    request: NeutralRequest
    revision: int
    profile: Profile = field(repr=False, compare=False)
    price_microusd: int
    audio: AudioSetting | None
    tags: tuple[str, ...]

    @property
    def digest(self) -> Digest:
        """The digest that a purchase today is made under."""
        return self.digests[0]

    @property
    def identity_json(self) -> str:
        """The canonical JSON of what is bought: what :attr:`digest` is taken of."""
        return canonical_json(
            identity_of(
                self.request,
                provider=self.provider,
                take=self.ref.number,
                revision=self.revision,
            )
        )

    @property
    def body(self) -> dict[str, Any]:
        """The document that is sent."""
        if self.provider is Provider.SKETCH:
            return sketch_body(self.request)
        return wire_body(self.profile, self.request)

    @property
    def body_json(self) -> str:
        """:attr:`body` as it is sent: canonical JSON."""
        return canonical_json(self.body)


def wanted_takes(album: Album, profiles: Profiles) -> tuple[WantedTake, ...]:
    """Every take of every song in track order; sketches cost nothing."""
    return tuple(
        _wanted(album, song, number, profile_of(song, profiles))
        for song in album.songs
        for number in range(1, song.takes + 1)
    )


def _wanted(album: Album, song: Song, number: int, profile: Profile) -> WantedTake:
    digests = known_digests(
        song.request, provider=album.provider, take=number, revision=song.revision
    )
    is_free = album.provider is Provider.SKETCH
    return WantedTake(
        ref=TakeRef(album=album.id, song=song.id, number=number),
        title=song.title,
        song_number=song.number,
        is_picked=number == song.pick,
        digests=digests,
        provider=album.provider,
        model=song.request.model,
        request=song.request,
        revision=song.revision,
        profile=profile,
        price_microusd=0 if is_free else reserved_microusd(song, profile),
        audio=song.request.audio,
        tags=song.tags,
    )


def digests_by_any_provider(album: Album) -> Iterator[Digest]:
    """What an album's takes are bought under, whoever renders them."""
    for provider in Provider:
        for song in album.songs:
            for number in range(1, song.takes + 1):
                yield from known_digests(
                    song.request, provider=provider, take=number, revision=song.revision
                )


def reserved_microusd(song: Song, profile: Profile) -> int:
    """What buying one take reserves: the dearer of the profile's price and the manifest's."""
    known = [price for price in (profile.price_usd, song.price_usd) if price is not None]
    return microusd(max(known)) if known else UNKNOWN_PRICE_MICROUSD
