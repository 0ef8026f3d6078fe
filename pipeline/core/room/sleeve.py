"""A sleeve for an album without a cover: its songs' waveforms, one under the other."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.room.view import Sleeve
from pipeline.core.sound.waveform import HIGHEST, decode

SIDE = 400
MARGIN = 44
MOST_LINES = 9  # more would touch each other at the size of a thumbnail
POINTS = 60  # of a line: a quarter of a waveform's slices
FLAT = "A" * 240  # a song that cannot be heard yet


def sleeve(waveforms: Sequence[str | None]) -> Sleeve:
    """The sleeve of an album from its songs' waveforms in order; a silent one is a flat line."""
    shown = _spread(waveforms, MOST_LINES)
    peaks = [_coarse(decode(waveform or FLAT)) for waveform in shown]
    loudest = max((max(line) for line in peaks), default=0) or HIGHEST
    row = (SIDE - 2 * MARGIN) / max(len(shown), 1)
    return Sleeve(
        side=SIDE,
        outlines=tuple(
            _outline(line, middle=MARGIN + row * (place + 0.5), reach=row * 0.46 / loudest)
            for place, line in enumerate(peaks)
        ),
    )


def _spread(waveforms: Sequence[str | None], most: int) -> list[str | None]:
    """All of them, or as many as have room, evenly spread."""
    if len(waveforms) <= most:
        return list(waveforms)
    return [waveforms[place * len(waveforms) // most] for place in range(most)]


def _coarse(peaks: Sequence[int]) -> list[int]:
    width = len(peaks) // POINTS
    return [max(peaks[start : start + width]) for start in range(0, len(peaks), width)]


def _outline(peaks: Sequence[int], *, middle: float, reach: float) -> str:
    """Upright strokes, mirrored at ``middle``: half a unit at least, so that silence is a line."""
    step = (SIDE - 2 * MARGIN) / POINTS
    strokes = []
    for place, peak in enumerate(peaks):
        half = max(peak * reach, 0.5)
        left = MARGIN + step * (place + 0.5)
        strokes.append(f"M{left:.1f} {middle - half:.1f}v{2 * half:.1f}")
    return "".join(strokes)
