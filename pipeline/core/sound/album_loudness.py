"""How loud an album is, and how far its tracks lie apart: over the picked takes alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipeline.core.purchase.attempt import Attempt
from pipeline.core.sound.loudness import album_lufs
from pipeline.core.sound.measurement import Measurement, Measurements
from pipeline.core.wanted.album import AlbumId, Provider, TakeRef
from pipeline.core.wanted.takes import WantedTake


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumLoudness:
    """``lufs`` is the album's as one recording, ``tracks`` each measured track's own."""

    lufs: Decimal
    true_peak: Decimal
    tracks: Mapping[TakeRef, Decimal]

    @property
    def spread_lu(self) -> Decimal:
        """From the quietest track to the loudest."""
        return max(self.tracks.values()) - min(self.tracks.values())


def album_loudness(picked: Mapping[TakeRef, Measurement]) -> AlbumLoudness | None:
    """The loudness of an album's picked takes; None if none of them has any."""
    heard = {
        ref: (found.loudness_lufs, found.blocks, found.true_peak)
        for ref, found in picked.items()
        if found.loudness_lufs is not None and found.blocks is not None
    }
    if not heard:
        return None
    tracks = {ref: lufs for ref, (lufs, _, _) in heard.items()}
    lufs = album_lufs(blocks for _, blocks, _ in heard.values())
    if len(tracks) == 1:
        lufs = next(iter(tracks.values()))  # exact, where the histogram is close
    assert lufs is not None
    return AlbumLoudness(
        lufs=lufs, true_peak=max(peak for _, _, peak in heard.values()), tracks=tracks
    )


def loudness_by_album(
    takes: Iterable[WantedTake],
    sounding: Callable[[WantedTake], Attempt | None],
    measurements: Measurements,
) -> dict[tuple[AlbumId, Provider], AlbumLoudness]:
    """The loudness of each album, of what each provider rendered of it; left out if unmeasured."""
    picked: dict[tuple[AlbumId, Provider], dict[TakeRef, Measurement]] = {}
    for take in takes:
        attempt = sounding(take) if take.is_picked else None
        if attempt is None or attempt.audio is None:
            continue
        measured = measurements.get(attempt.audio.checksum)
        if measured is not None:
            picked.setdefault((take.ref.album, take.provider), {})[take.ref] = measured
    found = {key: album_loudness(measured) for key, measured in picked.items()}
    return {key: loudness for key, loudness in found.items() if loudness is not None}
