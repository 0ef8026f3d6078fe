"""The power of K-weighted sound in steps of 100 ms, after ITU-R BS.1770-4, annex 1."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.adapters.audio_levels.samples import Samples

STEPS_A_BLOCK = 4  # 400 ms, three quarters overlapping
_STEPS_A_SECOND = 10
_MEMORY_S = 0.125  # after that long the filters ring 120 dB below what went in
_CHANNEL_WEIGHTS = {5: (1.0, 1.0, 1.0, 1.41, 1.41), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}
_Response = npt.NDArray[np.complex64]


class WeightedPower:
    """Takes sound in, block by block; only whole steps count."""

    def __init__(self, *, rate_hz: int, channels: int) -> None:
        self.step_frames = max(round(rate_hz / _STEPS_A_SECOND), 1)
        self._memory = round(_MEMORY_S * rate_hz)
        self._size = 1 << max(16, (4 * self._memory).bit_length())
        steps = (self._size - self._memory) // self.step_frames
        self.block_frames = steps * self.step_frames
        self._response = _response(rate_hz, self._memory, self._size)
        self._before = np.zeros((channels, self._memory), np.float32)
        self._weights = np.array(_CHANNEL_WEIGHTS.get(channels, (1.0,) * channels))
        self._steps: list[float] = []

    def add(self, block: Samples) -> None:
        """``block`` follows what was added before; all but the last have ``block_frames``."""
        steps = block.shape[1] // self.step_frames
        if not steps:
            return
        joined = np.concatenate([self._before, block], axis=1)
        spectrum = np.fft.rfft(joined, self._size, axis=1)
        weighted = np.fft.irfft(spectrum * self._response, self._size, axis=1)
        heard = weighted[:, self._memory : self._memory + steps * self.step_frames]
        squares = np.square(heard.reshape(len(heard), steps, self.step_frames))
        powers = squares.mean(axis=2, dtype=np.float64)
        self._steps += (self._weights @ powers).tolist()
        self._before = joined[:, joined.shape[1] - self._memory :]

    def block_powers(self) -> Sequence[float]:
        """The power of each block of 400 ms so far."""
        return [
            sum(self._steps[start : start + STEPS_A_BLOCK]) / STEPS_A_BLOCK
            for start in range(len(self._steps) - STEPS_A_BLOCK + 1)
        ]


@cache
def _response(rate_hz: int, memory: int, size: int) -> _Response:
    """The filters' response, their memory cut off so that blocks can be filtered one by one."""
    frequencies = np.fft.rfftfreq(size, 1 / rate_hz).astype(np.float64)
    ringing = np.fft.irfft(k_weighting(frequencies, rate_hz), size)
    ringing[memory + 1 :] = 0
    return np.fft.rfft(ringing).astype(np.complex64)


def k_weighting(frequencies: npt.NDArray[np.float64], rate_hz: int) -> npt.NDArray[np.complex128]:
    """The response of the standard's two filters, whose tables are for 48 kHz, at any rate.

    The analogue filters behind the tables (a shelf of 4 dB at 1682 Hz and a high-pass at 38 Hz),
    by the bilinear transform; at 48 kHz they give the tables back.
    """
    z = np.exp(-2j * np.pi * frequencies / rate_hz)
    k, q = np.tan(np.pi * 1681.974450955533 / rate_hz), 0.7071752369554196
    gain = 10 ** (3.999843853973347 / 20)
    middle = gain**0.4996667741545416
    shelf = _biquad(
        z,
        (gain + middle * k / q + k * k, 2 * (k * k - gain), gain - middle * k / q + k * k),
        (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k),
    )
    k, q = np.tan(np.pi * 38.13547087602444 / rate_hz), 0.5003270373238773
    poles = (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
    # the table's zeros are 1, -2, 1 after its poles were divided by the first of them
    high_pass = _biquad(z, (poles[0], -2 * poles[0], poles[0]), poles)
    return np.asarray(shelf * high_pass, np.complex128)


def _biquad(
    z: npt.NDArray[np.complex128], zeros: tuple[float, ...], poles: tuple[float, ...]
) -> npt.NDArray[np.complex128]:
    above = zeros[0] + zeros[1] * z + zeros[2] * z * z
    below = poles[0] + poles[1] * z + poles[2] * z * z
    return np.asarray(above / below, np.complex128)
