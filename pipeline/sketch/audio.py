"""What the contract asks of a file, and what MPEG allows of it.

Without numpy, since the server reads it.
"""

from __future__ import annotations

from dataclasses import dataclass

FORMATS = ("mp3", "wav", "pcm")
SAMPLE_RATES_HZ = (16000, 24000, 32000, 44100)
BITRATES_BPS = (32000, 64000, 128000, 256000)
CHANNELS = 2
MEDIA_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "pcm": "application/octet-stream"}

_MPEG1_FROM_HZ = 32000
_MPEG2_MOST_BPS = 160000


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSpec:
    """The wanted file: format, rate in hertz, and for mp3 the bits a second."""

    format: str = "mp3"
    sample_rate: int = 44100
    bitrate: int = 256000

    @property
    def actual_bitrate_bps(self) -> int:
        """What the file will have: the nearest that MPEG allows, or what PCM comes to."""
        if self.format != "mp3":
            return self.sample_rate * CHANNELS * 16
        if self.sample_rate < _MPEG1_FROM_HZ:
            return min(self.bitrate, _MPEG2_MOST_BPS)
        return self.bitrate

    @property
    def ceiling_db(self) -> float:
        """True-peak ceiling before encoding: lossy codecs overshoot, the more the fewer bits."""
        if self.format != "mp3":
            return -1.2
        bits_a_sample = self.actual_bitrate_bps / self.sample_rate
        for least, ceiling in ((5.0, -2.3), (3.5, -2.5), (2.5, -2.8), (1.9, -3.4), (1.2, -4.2)):
            if bits_a_sample >= least:
                return ceiling
        return -5.0
