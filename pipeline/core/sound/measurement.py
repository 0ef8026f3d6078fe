"""What was measured of a file's bytes: kept by checksum, the same on every machine from then on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from pipeline.core.sound.loudness import LoudnessHistogram
from pipeline.core.sound.waveform import is_waveform
from pipeline.core.wanted.album import Checksum
from pipeline.core.wanted.digest import canonical_json

MEASURER_VERSION = 1  # raise it when the same bytes would measure otherwise
SILENCE_DBFS = -60
"""Samples below this are silence. Room noise of a quiet recording lies about there."""
END_MS = 20
"""How much of the end is looked at. Longer than an encoder's smear of a cut (half a long block)."""
_LEVEL = re.compile(r"-?\d{1,4}\.\d{1,6}")
_LARGEST = 2**53  # what every reader of JSON holds exactly
_MOST_STEPS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Facts of one file. Levels are of its samples as 16-bit players hear them.

    ``end_level_dbfs`` is the root mean square of the last ``END_MS`` before silence, in the channel
    where it is highest. ``clipped_runs`` counts three samples or more in a row at full scale.
    ``true_peak`` is linear, full scale is 1. What silence, or too short a file, lacks is None.
    ``waveform`` is the outline as :mod:`~pipeline.core.sound.waveform` writes it; None where it was
    not measured yet. A file that does not decode has ``is_decodable`` False and nothing else.
    """

    is_decodable: bool
    milliseconds: int = 0
    sample_rate_hz: int = 0
    channels: int = 0
    silent_channels: int = 0
    head_silence_ms: int = 0
    tail_silence_ms: int = 0
    end_level_dbfs: Decimal | None = None
    clipped_runs: int = 0
    longest_clip_samples: int = 0
    true_peak: Decimal = Decimal("0.000000")
    loudness_lufs: Decimal | None = None
    blocks: LoudnessHistogram | None = None
    waveform: str | None = None

    @property
    def is_silent(self) -> bool:
        """Whether no channel is ever louder than silence."""
        return self.silent_channels == self.channels

    @property
    def true_peak_dbtp(self) -> Decimal | None:
        """The true peak in decibels over full scale; None for digital silence."""
        if not self.true_peak:
            return None
        return (self.true_peak.log10() * 20).quantize(Decimal("0.01"))


Measurements = Mapping[Checksum, Measurement]
UNMEASURED: Measurements = MappingProxyType({})


def measurement_document(measurement: Measurement) -> dict[str, Any]:
    """A measurement as plain JSON: whole numbers, and decimals as strings that print one way.

    ``waveform`` is left out where there is none, as by those who measured before there was any.
    """
    blocks, waveform = measurement.blocks, measurement.waveform
    return {
        "version": MEASURER_VERSION,
        "is_decodable": measurement.is_decodable,
        "milliseconds": measurement.milliseconds,
        "sample_rate_hz": measurement.sample_rate_hz,
        "channels": measurement.channels,
        "silent_channels": measurement.silent_channels,
        "head_silence_ms": measurement.head_silence_ms,
        "tail_silence_ms": measurement.tail_silence_ms,
        "end_level_dbfs": _text(measurement.end_level_dbfs),
        "clipped_runs": measurement.clipped_runs,
        "longest_clip_samples": measurement.longest_clip_samples,
        "true_peak": _text(measurement.true_peak),
        "loudness_lufs": _text(measurement.loudness_lufs),
        "blocks": None
        if blocks is None
        else {"first_tenths": blocks.first_tenths, "counts": list(blocks.counts)},
        **({} if waveform is None else {"waveform": waveform}),
    }


def _text(level: Decimal | None) -> str | None:
    return None if level is None else f"{level:f}"


def checked_version(document: Mapping[str, Any]) -> int:
    """By which version it was measured. Raises ``ValueError`` if it is no measurement."""
    version = _count(document, "version")
    if version == MEASURER_VERSION:
        measurement_of(document)
    return version


def measurement_of(document: Mapping[str, Any]) -> Measurement:
    """A measurement from its document. Raises ``ValueError`` for what is none of this version."""
    if document.get("version") != MEASURER_VERSION:
        raise ValueError(f"not measured by version {MEASURER_VERSION}")
    true_peak = _level(document, "true_peak")
    if not isinstance(document.get("is_decodable"), bool) or true_peak is None or true_peak < 0:
        raise ValueError("this is no measurement")
    return Measurement(
        is_decodable=document["is_decodable"],
        **{
            name: _count(document, name)
            for name in (
                "milliseconds", "sample_rate_hz", "channels", "silent_channels",
                "head_silence_ms", "tail_silence_ms", "clipped_runs", "longest_clip_samples",
            )
        },
        end_level_dbfs=_level(document, "end_level_dbfs"),
        true_peak=true_peak,
        loudness_lufs=_level(document, "loudness_lufs"),
        blocks=_blocks(document.get("blocks")),
        waveform=_waveform(document.get("waveform")),
    )  # fmt: skip


def is_complete(document: Mapping[str, Any]) -> bool:
    """Whether nothing is left to measure of a file: by this version or a later one, all of it."""
    if document["version"] != MEASURER_VERSION:
        return bool(document["version"] > MEASURER_VERSION)
    return "waveform" in document or not document["is_decodable"]


def completed(
    known: Mapping[str, Any] | None, measured_now: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What to keep of a file that was measured again.

    What is known stays, to the last digit, so that no tag changes; what it lacked is added.
    """
    if known is None or known["version"] != MEASURER_VERSION:
        return measured_now
    waveform = measured_now.get("waveform")
    return known if waveform is None else {"waveform": waveform, **known}


def understood(documents: Mapping[str, Mapping[str, Any]]) -> Measurements:
    """The measurements of this version among kept documents."""
    return {
        Checksum(checksum): measurement_of(document)
        for checksum, document in documents.items()
        if document.get("version") == MEASURER_VERSION
    }


def prevailing(
    told: Mapping[str, Mapping[str, Any]], known: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """The documents of ``told`` that take the place of what is ``known``, or are new.

    A later version does, and one with a waveform before one without. Of two that differ in a last
    digit, everybody keeps the one that comes first as text. What is no measurement does not.
    """
    return {
        checksum: document
        for checksum, document in told.items()
        if document != known.get(checksum)
        and _is_valid(document)
        and (checksum not in known or _rank(document) < _rank(known[checksum]))
    }


def _is_valid(document: Mapping[str, Any]) -> bool:
    try:
        checked_version(document)
    except ValueError:
        return False
    return True


def _rank(document: Mapping[str, Any]) -> tuple[int, bool, str]:
    version = checked_version(document) if _is_valid(document) else 0
    return (-version, "waveform" not in document, canonical_json(document))


def _count(document: Mapping[str, Any], name: str) -> int:
    found = document.get(name)
    if not _is_a_count(found):
        raise ValueError(f"{name} is no whole number")
    return int(found)  # type: ignore[arg-type]


def _level(document: Mapping[str, Any], name: str) -> Decimal | None:
    found = document.get(name)
    if found is None:
        return None
    if not isinstance(found, str) or not _LEVEL.fullmatch(found):
        raise ValueError(f"{name} is no decimal")
    return Decimal(found)


def _blocks(found: Any) -> LoudnessHistogram | None:
    if found is None:
        return None
    if not isinstance(found, dict):
        raise ValueError("blocks is no histogram")
    first, counts = found.get("first_tenths"), found.get("counts")
    if not isinstance(first, int) or not -1000 < first < 1000 or not isinstance(counts, list):
        raise ValueError("blocks is no histogram")
    if not 0 < len(counts) <= _MOST_STEPS or not all(map(_is_a_count, counts)):
        raise ValueError("blocks is no histogram")
    return LoudnessHistogram(first_tenths=first, counts=tuple(counts))


def _waveform(found: Any) -> str | None:
    if found is not None and not is_waveform(found):
        raise ValueError("waveform is no waveform")
    return None if found is None else str(found)


def _is_a_count(found: Any) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and 0 <= found < _LARGEST
