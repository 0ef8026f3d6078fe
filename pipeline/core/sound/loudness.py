"""Integrated loudness after ITU-R BS.1770-4, from the power of overlapping blocks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

OFFSET_LU = -0.691  # makes a 997 Hz tone read as its level; BS.1770-4, annex 1, equation 2
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
_TENTH = 10
_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoudnessHistogram:
    """How many blocks are how loud, in steps of 0.1 LU; those under the absolute gate are left out.

    ``counts[0]`` are the blocks of ``first_tenths`` ≤ 10 · LUFS < ``first_tenths`` + 1, and so on.
    """

    first_tenths: int
    counts: tuple[int, ...]


def integrated_lufs(powers: Sequence[float]) -> Decimal | None:
    """The gated loudness of blocks of 400 ms; None if no block is above the absolute gate.

    A power is the sum over channels of the weighted mean square of K-weighted samples, where full
    scale is 1.
    """
    return _gated((power, 1) for power in powers)


def album_lufs(histograms: Iterable[LoudnessHistogram]) -> Decimal | None:
    """The loudness of several recordings as if they were one, within some hundredths of a LU."""
    return _gated(
        (_power((found.first_tenths + place + 0.5) / _TENTH), count)
        for found in histograms
        for place, count in enumerate(found.counts)
    )


def histogram(powers: Iterable[float]) -> LoudnessHistogram | None:
    """The blocks by loudness; None if no block is above the absolute gate."""
    found = Counter(
        math.floor(_lufs(power) * _TENTH) for power in powers if power > _power(ABSOLUTE_GATE_LUFS)
    )
    if not found:
        return None
    first, last = min(found), max(found)
    return LoudnessHistogram(
        first_tenths=first, counts=tuple(found[tenth] for tenth in range(first, last + 1))
    )


def _gated(blocks: Iterable[tuple[float, int]]) -> Decimal | None:
    gate = _power(ABSOLUTE_GATE_LUFS)
    heard = [(power, count) for power, count in blocks if count and power > gate]
    if not heard:
        return None
    gate = _mean(heard) * 10 ** (RELATIVE_GATE_LU / 10)
    lufs = _lufs(_mean([(power, count) for power, count in heard if power > gate]))
    return Decimal(repr(lufs)).quantize(_STEP)


def _mean(blocks: Sequence[tuple[float, int]]) -> float:
    total = math.fsum(power * count for power, count in blocks)
    return total / sum(count for _, count in blocks)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_LU) / 10))


def _lufs(power: float) -> float:
    return OFFSET_LU + 10 * math.log10(power)
