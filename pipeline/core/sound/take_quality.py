"""What documents say of a take's sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.core.purchase.attempt import Attempt
from pipeline.core.purchase.standing import Ledger
from pipeline.core.sound.album_loudness import AlbumLoudness, loudness_by_album
from pipeline.core.sound.measurement import UNMEASURED, Measurements
from pipeline.core.sound.quality import Finding, findings
from pipeline.core.wanted.album import AlbumId, Provider, TakeRef
from pipeline.core.wanted.takes import WantedTake

Albums = Mapping[tuple[AlbumId, Provider], AlbumLoudness]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Everything that is known of how takes sound; nothing where nothing was measured."""

    measurements: Measurements
    albums: Albums

    @staticmethod
    def of(takes: Sequence[WantedTake], ledger: Ledger, measurements: Measurements) -> Listening:
        """From all takes of the albums in question, by any provider."""
        albums = loudness_by_album(takes, ledger.sounding, measurements)
        return Listening(measurements=measurements, albums=albums)

    def findings(self, attempt: Attempt, ref: TakeRef) -> tuple[Finding, ...] | None:
        """Why ``ref``, which this attempt's audio is, should be heard; None if unmeasured."""
        if attempt.audio is None:
            return None
        measured = self.measurements.get(attempt.audio.checksum)
        if measured is None:
            return None
        album = self.albums.get((ref.album, attempt.provider))
        return findings(attempt, measured, album if album and ref in album.tracks else None)

    def fields(self, attempt: Attempt, ref: TakeRef) -> dict[str, Any] | None:
        """``quality`` of a cost report's row: findings, and what they were made from."""
        found = self.findings(attempt, ref)
        if found is None or attempt.audio is None:
            return None
        measured = self.measurements[attempt.audio.checksum]
        return {
            "needs_ear": bool(found),
            "findings": finding_fields(found),
            "loudness_lufs": _text(measured.loudness_lufs),
            "true_peak_dbtp": _text(measured.true_peak_dbtp),
            "head_silence_s": measured.head_silence_ms / 1000,
            "tail_silence_s": measured.tail_silence_ms / 1000,
            "end_level_dbfs": _text(measured.end_level_dbfs),
            "clipped_runs": measured.clipped_runs,
        }

    def album_fields(self, album: AlbumId) -> dict[str, Any] | None:
        """``loudness`` of a cost report: what is bought if anything is, as it is handed over."""
        known = [self.albums.get((album, provider)) for provider in Provider]
        loudness = next((found for found in known if found is not None), None)
        if loudness is None:
            return None
        return {
            "album_lufs": _text(loudness.lufs),
            "spread_lu": _text(loudness.spread_lu),
            "quietest_lufs": _text(min(loudness.tracks.values())),
            "loudest_lufs": _text(max(loudness.tracks.values())),
            "tracks": len(loudness.tracks),
        }


UNHEARD = Listening(measurements=UNMEASURED, albums={})


def finding_fields(found: tuple[Finding, ...] | None) -> list[dict[str, str]]:
    """Findings as documents have them."""
    return [{"code": each.code.value, "message": each.message} for each in found or ()]


def _text(level: object) -> str | None:
    return None if level is None else str(level)
