"""A recording's outline: its peaks in equal slices of time, as text of one sign a slice."""

from __future__ import annotations

from collections.abc import Sequence

SLICES = 240
HIGHEST = 63  # full scale
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # RFC 4648, table 2
_PLACES = {sign: place for place, sign in enumerate(_SIGNS)}


def encode(peaks: Sequence[float]) -> str:
    """The text of ``SLICES`` peaks: linear, full scale being 1; what is above counts as 1.

    Raises ``ValueError`` for another number of peaks, and for one below 0 or that is no number.
    """
    if len(peaks) != SLICES or not all(peak >= 0 for peak in peaks):
        raise ValueError(f"a waveform has {SLICES} peaks of 0 or more")
    return "".join(_SIGNS[int(min(peak, 1.0) * HIGHEST + 0.5)] for peak in peaks)


def decode(text: str) -> tuple[int, ...]:
    """The peaks of a text: whole numbers from 0 to ``HIGHEST``, linear, one for each slice.

    Raises ``ValueError`` for what is no waveform.
    """
    if not is_waveform(text):
        raise ValueError(f"a waveform is {SLICES} signs of A-Z, a-z, 0-9, - and _")
    return tuple(_PLACES[sign] for sign in text)


def is_waveform(found: object) -> bool:
    """Whether this is the text of a waveform."""
    return isinstance(found, str) and len(found) == SLICES and all(map(_PLACES.__contains__, found))
