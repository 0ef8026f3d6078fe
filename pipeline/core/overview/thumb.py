"""A small sleeve for an album without a cover: the outlines of a few of its tracks, as strokes."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.sound.waveform import SLICES, decode

SIDE = 96
_MARGIN = 12
_MOST_LINES = 5  # more would touch each other
_STROKES = 24  # of a line
_LEAST = 0.5  # so that silence is a line, too


def thumb(waveforms: Sequence[str]) -> str | None:
    """``d`` of an SVG path in a square of ``SIDE``; None where nothing was measured."""
    if not waveforms:
        return None
    count = min(len(waveforms), _MOST_LINES)
    lines = [_peaks(waveforms[place * len(waveforms) // count]) for place in range(count)]
    loudest = max(max(max(line) for line in lines), 1)
    row = (SIDE - 2 * _MARGIN) / count
    step = (SIDE - 2 * _MARGIN) / _STROKES
    return "".join(
        _stroke(
            x=_MARGIN + step * (at + 0.5),
            y=_MARGIN + row * (place + 0.5),
            half=max(row * 0.44 * peak / loudest, _LEAST),
        )
        for place, line in enumerate(lines)
        for at, peak in enumerate(line)
    )


def _peaks(waveform: str) -> list[int]:
    peaks = decode(waveform)
    width = SLICES // _STROKES
    return [max(peaks[start : start + width]) for start in range(0, SLICES, width)]


def _stroke(*, x: float, y: float, half: float) -> str:
    return f"M{x:.1f} {y - half:.1f}v{2 * half:.1f}"
