"""Samples to the bytes of a file: mp3 by LAME, wav, and pcm without a header."""

from __future__ import annotations

import io
import wave

import numpy as np
import numpy.typing as npt

from pipeline.sketch.audio import CHANNELS, AudioSpec
from pipeline.sketch.loudness import frame_peaks
from pipeline.sketch.mp3info import with_info_frame
from pipeline.sketch.tones.modal import Samples

# LAME scales its input by 0.95 up to this rate; undone here, or the song is 0.45 dB too soft.
_SCALED_UP_TO_BPS = 160000
_SCALE = 0.95
_LAME_QUALITY = 5  # of 0 (best) to 9; the ear's gain below it costs twice the time
_CHUNK = 1 << 16  # samples given to LAME at a time
_DECODED_AT_ONCE, _OVERLAP = 1 << 16, 64  # samples


def encode(sound: Samples, spec: AudioSpec) -> bytes:
    """The file's bytes: two channels of 16 bits at the spec's rate."""
    if spec.format == "mp3":
        return _mp3(sound, spec)
    pcm = _int16(sound).tobytes()
    if spec.format == "pcm":
        return pcm
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(CHANNELS)
        writer.setsampwidth(2)
        writer.setframerate(spec.sample_rate)
        writer.writeframes(pcm)
    return file.getvalue()


def decoded_peak_db(file: bytes, spec: AudioSpec) -> float:
    """The true peak, in dB of full scale, that a player makes of an mp3."""
    import miniaudio

    highest = 0.0
    kept = np.zeros((CHANNELS, 0), np.float32)
    for block in miniaudio.stream_memory(
        file, output_format=miniaudio.SampleFormat.FLOAT32, nchannels=CHANNELS,
        sample_rate=spec.sample_rate, frames_to_read=_DECODED_AT_ONCE,
    ):  # fmt: skip
        sound = np.frombuffer(block, np.float32).reshape(-1, CHANNELS).T
        # Blocks overlap, for between their edges may lie the highest peak.
        sound = np.concatenate([kept, sound], axis=1)
        highest = max(highest, float(frame_peaks(sound).max()))
        kept = sound[:, -_OVERLAP:]
    return float(20 * np.log10(max(highest, 1e-9)))


def _int16(sound: Samples) -> npt.NDArray[np.int16]:
    """Interleaved, little-endian, rounded."""
    return np.asarray(np.rint(np.clip(sound.T, -1.0, 1.0) * 32767.0), "<i2")


def _mp3(sound: Samples, spec: AudioSpec) -> bytes:
    import lameenc  # the server imports this module's neighbours without it

    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(CHANNELS)
    encoder.set_in_sample_rate(spec.sample_rate)
    # Left alone, LAME picks a lower rate for few bits.
    encoder.set_out_sample_rate(spec.sample_rate)
    encoder.set_bit_rate(spec.actual_bitrate_bps // 1000)
    encoder.set_quality(_LAME_QUALITY)
    scale = 1.0 / _SCALE if spec.actual_bitrate_bps <= _SCALED_UP_TO_BPS else 1.0
    stream = bytearray()
    for start in range(0, sound.shape[1], _CHUNK):
        chunk = sound[:, start : start + _CHUNK] * np.float32(scale)
        stream += encoder.encode(_int16(chunk).tobytes())
    stream += encoder.flush()
    return with_info_frame(bytes(stream), sound.shape[1])
