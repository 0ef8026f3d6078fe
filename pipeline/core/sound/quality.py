"""What a measurement says about a take that a person should hear before it is handed over.

Nothing is bought or altered on a finding's account. Limits without a source are songmake's own:
chosen so that ordinary music stays under them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pipeline.core.purchase.attempt import Attempt, request_of, setting_of
from pipeline.core.sound.album_loudness import AlbumLoudness
from pipeline.core.sound.measurement import SILENCE_DBFS, Measurement
from pipeline.core.wanted.album import AudioFormat

MOST_HEAD_SILENCE_MS = 1000
MOST_TAIL_SILENCE_MS = 3000
LOUDEST_END_DBFS = Decimal(-40)  # a natural end has decayed nearly to silence when silence begins
MOST_CLIPPED_RUNS_A_MINUTE = 10
LONGEST_CLIP_MS = Decimal("0.25")  # a limiter's flat tops are shorter
HIGHEST_TRUE_PEAK_DBTP = Decimal(0)  # above it converters clip; EBU R 128 asks for -1 in broadcasts
_HIGHEST_TRUE_PEAK = 10 ** (HIGHEST_TRUE_PEAK_DBTP / 20)  # the same, linear
QUIETEST_LUFS = Decimal(-30)  # BS.1770's scale; services play music at -18 to -14
LARGEST_SPREAD_LU = Decimal(6)  # a track that far from its album stands out
LENGTH_TOLERANCE_MS = 2000  # and a tenth of what was asked: models round to bars


class Code(StrEnum):
    """What a finding is about: short words for documents and filters."""

    UNDECODABLE = "undecodable"
    OTHER_FORMAT = "other-format"
    OTHER_RATE = "other-rate"
    OTHER_LENGTH = "other-length"
    MONO = "mono"
    SILENT = "silent"
    ONE_SIDED = "one-sided"
    SILENT_HEAD = "silent-head"
    SILENT_TAIL = "silent-tail"
    ABRUPT_END = "abrupt-end"
    CLIPPING = "clipping"
    TRUE_PEAK = "true-peak"
    QUIET = "quiet"
    OFF_ALBUM = "off-album"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reason to listen: ``message`` is a clause about the take."""

    code: Code
    message: str


def findings(
    attempt: Attempt, measured: Measurement, album: AlbumLoudness | None
) -> tuple[Finding, ...]:
    """Why a person should hear this attempt's audio; empty if nothing speaks for it.

    ``album`` is the loudness of the album whose picked takes this one is among, else None.
    """
    if not measured.is_decodable:
        return (Finding(code=Code.UNDECODABLE, message="it does not decode"),)
    found = [*_against_asked(attempt, measured)]
    if measured.is_silent:
        message = f"nothing in it is louder than {SILENCE_DBFS} dBFS"
        return (*found, Finding(code=Code.SILENT, message=message))
    found += _edges(measured)
    found += _levels(measured)
    found += _beside_album(measured, album)
    return tuple(found)


def _against_asked(attempt: Attempt, measured: Measurement) -> Iterator[Finding]:
    request = request_of(attempt)
    asked = setting_of(request)
    real_format = attempt.audio.format if attempt.audio is not None else None
    if asked is not None and real_format != asked.format:
        message = f"asked for {asked.format}, got {real_format}"
        yield Finding(code=Code.OTHER_FORMAT, message=message)
    if (
        asked is not None
        and asked.format is not AudioFormat.PCM
        and measured.sample_rate_hz != asked.sample_rate
    ):
        message = f"asked for {asked.sample_rate} Hz, got {measured.sample_rate_hz} Hz"
        yield Finding(code=Code.OTHER_RATE, message=message)
    length_s = request.get("length_s")
    if isinstance(length_s, int):
        asked_ms = length_s * 1000
        if abs(measured.milliseconds - asked_ms) > max(LENGTH_TOLERANCE_MS, asked_ms // 10):
            message = f"asked for {length_s} s, got {_seconds(measured.milliseconds)}"
            yield Finding(code=Code.OTHER_LENGTH, message=message)
    if measured.channels == 1:
        yield Finding(code=Code.MONO, message="it has one channel")


def _edges(measured: Measurement) -> Iterator[Finding]:
    if measured.silent_channels:
        message = f"{measured.silent_channels} of {measured.channels} channels are silent"
        yield Finding(code=Code.ONE_SIDED, message=message)
    if measured.head_silence_ms > MOST_HEAD_SILENCE_MS:
        message = f"it begins with {_seconds(measured.head_silence_ms)} of silence"
        yield Finding(code=Code.SILENT_HEAD, message=message)
    if measured.tail_silence_ms > MOST_TAIL_SILENCE_MS:
        message = f"it ends with {_seconds(measured.tail_silence_ms)} of silence"
        yield Finding(code=Code.SILENT_TAIL, message=message)
    level = measured.end_level_dbfs
    if level is not None and level > LOUDEST_END_DBFS:
        message = f"it stops at {level} dBFS without a decay"
        yield Finding(code=Code.ABRUPT_END, message=message)


def _levels(measured: Measurement) -> Iterator[Finding]:
    runs = measured.clipped_runs
    longest_ms = Decimal(measured.longest_clip_samples * 1000) / measured.sample_rate_hz
    is_frequent = runs * 60_000 > MOST_CLIPPED_RUNS_A_MINUTE * max(measured.milliseconds, 60_000)
    if runs and (is_frequent or longest_ms > LONGEST_CLIP_MS):
        times = "once" if runs == 1 else f"{runs} times"
        message = f"it clips {times}, for {measured.longest_clip_samples} samples at the longest"
        yield Finding(code=Code.CLIPPING, message=message)
    is_high = measured.true_peak > _HIGHEST_TRUE_PEAK  # spares the others a slow logarithm
    peak = measured.true_peak_dbtp if is_high else None
    if peak is not None and peak > HIGHEST_TRUE_PEAK_DBTP:
        yield Finding(code=Code.TRUE_PEAK, message=f"its true peak is {peak:+} dBTP")
    lufs = measured.loudness_lufs
    if lufs is not None and lufs < QUIETEST_LUFS:
        yield Finding(code=Code.QUIET, message=f"its loudness is {lufs} LUFS")


def _beside_album(measured: Measurement, album: AlbumLoudness | None) -> Iterator[Finding]:
    if album is None or measured.loudness_lufs is None:
        return
    difference = measured.loudness_lufs - album.lufs
    if abs(difference) > LARGEST_SPREAD_LU:
        word = "louder" if difference > 0 else "quieter"
        message = f"it is {abs(difference)} LU {word} than its album ({album.lufs} LUFS)"
        yield Finding(code=Code.OFF_ALBUM, message=message)


def _seconds(milliseconds: int) -> str:
    return f"{Decimal(milliseconds) / 1000:.1f} s"
