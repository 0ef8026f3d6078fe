"""What a file of audio is, and how that compares with what was asked for."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.audio_probe import ProbedAudio, probe_as_asked
from pipeline.adapters.blob_store import checksum_of
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.wanted.album import AudioFormat, AudioSetting


def inspect(path: Path, asked: AudioSetting | None) -> StoredAudio:
    """Decodes and hashes a file. Raises ``NotAudio``, ``OSError``."""
    probed = probe_as_asked(path, asked)
    return StoredAudio(
        checksum=checksum_of(path),
        size_bytes=probed.bytes,
        milliseconds=probed.milliseconds,
        format=probed.format.value,
        sample_rate_hz=probed.sample_rate_hz,
        channels=probed.channels,
    )


def difference(got: ProbedAudio | StoredAudio, asked: AudioSetting | None) -> str | None:
    """In what a file is not as it was asked for, in words; None if it is."""
    if asked is None:
        return None
    if str(got.format) != asked.format.value:
        return f"asked for {asked.format}, got {got.format}: kept as it is"
    if asked.format is not AudioFormat.PCM and got.sample_rate_hz != asked.sample_rate:
        return f"asked for {asked.sample_rate} Hz, got {got.sample_rate_hz} Hz"
    return None
