"""The K-weighting filters of ITU-R BS.1770-4, annex 1, over whole chunks of sound at a time.

A recursive filter goes from sample to sample, which numpy cannot do quickly. What it does to a
chunk is linear, though, in the chunk and in the state that the chunk before left: two products.
Only the states follow each other, and they are few.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.adapters.audio_levels.samples import Samples

_CHUNK = 64  # frames in a row of a product; longer rows multiply more zeros
_ROWS_AT_ONCE = 32  # a product this small stays in the thread that asks for it (OpenBLAS)
_HIGHEST_OF_RATE = 0.49
_NOTHING = 1e-30  # a state below is none: processors take their time over what is nearly nothing
_Matrix = npt.NDArray[np.float64]


class KWeighted:
    """Filters sound, block by block; the last frames of a block come out with the next one."""

    def __init__(self, *, rate_hz: int, channels: int) -> None:
        self._chunks = _chunks(rate_hz)
        self._rest = np.zeros((channels, 0), np.float32)
        self._state = np.zeros((channels, len(self._chunks.ringing)))

    def add(self, block: Samples) -> Samples:
        """What can be filtered after ``block``, which follows what was added before."""
        joined = np.concatenate([self._rest, block], axis=1)
        whole = joined.shape[1] - joined.shape[1] % (_CHUNK * _ROWS_AT_ONCE)
        self._rest = joined[:, whole:]
        return self._filtered(joined[:, :whole])

    def finish(self) -> Samples:
        """The frames that are left."""
        frames = self._rest.shape[1]
        padding = np.zeros((len(self._rest), _CHUNK * _ROWS_AT_ONCE - frames), np.float32)
        return self.add(padding)[:, :frames]

    def _filtered(self, whole: Samples) -> Samples:
        chunks, channels = self._chunks, len(whole)
        rows = whole.reshape(channels, -1, _CHUNK)
        if not rows.size:
            return whole
        states = rows.astype(np.float64) @ chunks.into_state
        states[:, 0] += self._state @ chunks.over_chunks[0]
        _accumulate(states, chunks.over_chunks)
        states[np.abs(states) < _NOTHING] = 0
        before = np.concatenate([self._state[:, None], states[:, :-1]], axis=1)
        self._state = states[:, -1]
        parts = (channels, -1, _ROWS_AT_ONCE)
        filtered = rows.reshape(*parts, _CHUNK) @ chunks.through
        filtered += before.astype(np.float32).reshape(*parts, before.shape[2]) @ chunks.ringing
        return np.asarray(filtered.reshape(channels, -1))


def _accumulate(states: _Matrix, over_chunks: Sequence[_Matrix]) -> None:
    """Adds to each state what is left of those before it, looking twice as far back each time."""
    for doubled, over in enumerate(over_chunks):
        distance = 1 << doubled
        states[:, distance:] += states[:, :-distance] @ over


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunks:
    """What the filters make of a chunk, as factors from the right."""

    through: Samples  # what the chunk itself sounds like
    ringing: Samples  # what the state before adds to it
    into_state: _Matrix  # what the chunk leaves behind
    over_chunks: tuple[_Matrix, ...]  # what 1, 2, 4, … chunks leave of a state; more leave nothing


@cache
def _chunks(rate_hz: int) -> _Chunks:
    step, into, out, direct = _cascade(*_biquads(rate_hz))
    powers = [np.eye(len(into))]
    for _ in range(_CHUNK):
        powers.append(powers[-1] @ step)
    ringing = np.array([out @ power for power in powers[:_CHUNK]])
    response = np.concatenate([[direct], ringing[: _CHUNK - 1] @ into])
    lag = np.arange(_CHUNK)[None, :] - np.arange(_CHUNK)[:, None]
    return _Chunks(
        through=np.where(lag >= 0, response[lag], 0).astype(np.float32),
        ringing=np.ascontiguousarray(ringing.T, np.float32),
        into_state=np.array([power @ into for power in powers[_CHUNK - 1 :: -1]]),
        over_chunks=tuple(_doubled(np.ascontiguousarray(powers[_CHUNK].T))),
    )


def _doubled(over: _Matrix) -> Iterator[_Matrix]:
    while np.abs(over).max() > _NOTHING:
        yield over
        over = over @ over


_System = tuple[_Matrix, _Matrix, _Matrix, float]


def _cascade(first: _System, second: _System) -> _System:
    """One system after the other, as one."""
    step_1, into_1, out_1, direct_1 = first
    step_2, into_2, out_2, direct_2 = second
    step = np.block([[step_1, np.zeros((2, 2))], [np.outer(into_2, out_1), step_2]])
    into = np.concatenate([into_1, into_2 * direct_1])
    return step, into, np.concatenate([direct_2 * out_1, out_2]), direct_1 * direct_2


def _biquads(rate_hz: int) -> tuple[_System, _System]:
    """The standard's two filters, whose tables are for 48 kHz, at any rate.

    The analogue filters behind the tables (a shelf of 4 dB at 1682 Hz and a high-pass at 38 Hz),
    by the bilinear transform; at 48 kHz they give the tables back.
    """
    k, q = _warped(1681.974450955533, rate_hz), 0.7071752369554196
    gain = 10 ** (3.999843853973347 / 20)
    middle = gain**0.4996667741545416
    shelf = _biquad(
        (gain + middle * k / q + k * k, 2 * (k * k - gain), gain - middle * k / q + k * k),
        (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k),
    )
    k, q = _warped(38.13547087602444, rate_hz), 0.5003270373238773
    poles = (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
    # the table's zeros are 1, -2, 1 after its poles were divided by the first of them
    return shelf, _biquad((poles[0], -2 * poles[0], poles[0]), poles)


def _warped(hz: float, rate_hz: int) -> float:
    """What the bilinear transform makes of a frequency; one too high for the rate is at its end."""
    return math.tan(math.pi * min(hz / rate_hz, _HIGHEST_OF_RATE))


def _biquad(zeros: tuple[float, float, float], poles: tuple[float, float, float]) -> _System:
    """State after state, into it, out of it, and past it: the transposed direct form II."""
    b, a = np.array(zeros) / poles[0], np.array(poles) / poles[0]
    step = np.array([[-a[1], 1.0], [-a[2], 0.0]])
    return step, b[1:] - a[1:] * b[0], np.array([1.0, 0.0]), float(b[0])
