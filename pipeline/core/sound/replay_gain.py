"""ReplayGain 2 tags: how much quieter or louder a player should make a track.

After the ReplayGain 2.0 specification of hydrogenaud.io: loudness by BS.1770, reference -18 LUFS,
``-3.21 dB`` for a gain, six decimals and full scale 1 for a peak, which is a true peak here.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pipeline.core.sound.album_loudness import AlbumLoudness
from pipeline.core.sound.measurement import Measurement

REFERENCE_LUFS = Decimal(-18)


def replay_gain(
    measurement: Measurement | None, album: AlbumLoudness | None
) -> tuple[tuple[str, str], ...]:
    """The tags as pairs of name and text; ``album`` is None for a file that is no track of it."""
    if measurement is None or measurement.loudness_lufs is None:
        return ()
    tags = [*_pair("TRACK", measurement.loudness_lufs, measurement.true_peak)]
    if album is not None:
        tags += _pair("ALBUM", album.lufs, album.true_peak)
    return tuple(tags)


def _pair(of: str, lufs: Decimal, peak: Decimal) -> Iterator[tuple[str, str]]:
    yield f"REPLAYGAIN_{of}_GAIN", f"{REFERENCE_LUFS - lufs:.2f} dB"
    yield f"REPLAYGAIN_{of}_PEAK", f"{peak:.6f}"
