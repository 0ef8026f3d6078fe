"""Which audio stands for a take on its album's page, and where it lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pipeline.core.handover.tracks import Publication
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.purchase.standing import Ledger, sounding_of
from pipeline.core.sound.measurement import Measurement, Measurements
from pipeline.core.sound.quality import Finding
from pipeline.core.sound.take_quality import Listening
from pipeline.core.wanted.album import AlbumId, Provider, TakeRef
from pipeline.core.wanted.takes import WantedTake

Lying = Mapping[tuple[TakeRef, Provider], tuple[Publication, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A take beside the journal: ``sounding`` is what is heard, ``url`` where, from the page.

    ``is_outdated`` if what lies there was asked for in other words than the manifest's of today.
    """

    take: WantedTake
    attempts: tuple[Attempt, ...]
    current: Attempt | None
    sounding: Attempt | None
    url: str | None
    is_outdated: bool
    measured: Measurement | None
    findings: tuple[Finding, ...] | None

    @property
    def is_shown(self) -> bool:
        """Whether anything was tried of it, by this provider."""
        return bool(self.attempts) or self.url is not None

    @property
    def own(self) -> Iterator[Attempt]:
        """The attempts that were made for this very take, and not for one that shares it."""
        return (attempt for attempt in self.attempts if attempt.ref == self.take.ref)


def heard_takes(
    album: AlbumId,
    takes: Sequence[WantedTake],
    attempts: Sequence[Attempt],
    publications: Sequence[Publication],
    measurements: Measurements,
) -> tuple[Heard, ...]:
    """Each of the album's ``takes`` by any provider, in their order."""
    ledger = Ledger.of(attempts)
    listening = Listening.of(takes, ledger, measurements)
    lying = _lying(album, publications)
    return tuple(_heard(take, ledger, lying, listening) for take in takes)


def _lying(album: AlbumId, publications: Sequence[Publication]) -> Lying:
    found: dict[tuple[TakeRef, Provider], tuple[Publication, ...]] = {}
    for each in sorted(publications, key=lambda each: each.path):
        if each.ref.album == album and each.mtime_ns is not None:
            key = (each.ref, each.provider)
            found[key] = (*found.get(key, ()), each)
    return found


def _heard(take: WantedTake, ledger: Ledger, lying: Lying, listening: Listening) -> Heard:
    sounding = ledger.sounding(take)
    files = lying.get((take.ref, take.provider), ())
    file = next((each for each in files if sounding and each.digest == sounding.digest), None)
    is_outdated = file is None and sounding is None and bool(files)
    if is_outdated:
        file = files[0]
        sounding = sounding_of(ledger.by_digest.get(file.digest, ()))
    audio = sounding.audio if sounding else None
    return Heard(
        take=take,
        attempts=ledger.attempts(take),
        current=ledger.current(take),
        sounding=sounding,
        url=None if file is None or audio is None else quote(file.path.partition("/")[2]),
        is_outdated=is_outdated,
        measured=listening.measurements.get(audio.checksum) if audio else None,
        findings=listening.findings(sounding, take.ref) if sounding else None,
    )
