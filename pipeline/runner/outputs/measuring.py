"""Measuring audio once, when it is stored; what was measured is kept in the journal."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pipeline.adapters.blob_store import BlobStore, checksum_of
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.purchase.attempt import HAS_AUDIO, StoredAudio
from pipeline.core.run.events import Event, Hinted
from pipeline.core.sound.measurement import (
    Measurement,
    completed,
    is_complete,
    measurement_document,
)
from pipeline.core.wanted.album import Checksum
from pipeline.runner.outputs.known import Known
from pipeline.runner.rebuild.bringing import AT_A_TIME, bring_all
from pipeline.runner.workspace import Workspace

if TYPE_CHECKING:  # numpy is loaded with the first file that is measured
    from pipeline.adapters.audio_levels.measuring import Meters

MEASURABLE = frozenset({"mp3", "wav", "flac", "pcm"})
HINT = (
    "pip install 'songmake[audio]' to measure loudness, silence, clipping and the waveform of "
    "every take"
)


def can_measure() -> bool:
    """Whether the extra ``audio`` is installed."""
    return importlib.util.find_spec("numpy") is not None


def measure_blob(store: BlobStore, audio: StoredAudio) -> Measurement | None:
    """The measurement of a blob; None if it cannot be measured, or is not what was stored.

    May run in any thread. Raises ``OSError`` if the blob cannot be read.
    """
    if audio.format not in MEASURABLE or not can_measure():
        return None
    path = store.path_of(audio.checksum, audio.format)
    if not path.is_file() or checksum_of(path) != audio.checksum:
        return None
    try:
        from pipeline.adapters.audio_levels.measuring import measure
    except ImportError:
        return None  # an installation of numpy that does not load
    return measure(path, audio)


class Hearing:
    """Measures what a check decodes, so that no file is decoded twice.

    Whatever goes wrong here is no reason to doubt the file: it is measured once it is stored.
    """

    def __init__(self) -> None:
        self._meters: Meters | None = None

    def begin(self, rate_hz: int, channels: int) -> Callable[[Any], None]:
        """What is to be given the samples in pieces."""
        try:
            from pipeline.adapters.audio_levels.measuring import Meters

            self._meters = Meters(rate_hz=rate_hz, channels=channels)
        except Exception:
            self._meters = None
        return self._hear

    def measurement(self) -> Measurement | None:
        """What all of it comes to; None if that could not be found out."""
        try:
            return None if self._meters is None else self._meters.measurement()
        except Exception:
            return None

    def _hear(self, piece: Any) -> None:
        if self._meters is not None:
            try:
                self._meters.add(piece)
            except Exception:
                self._meters = None


def keep_measurement(journal: Journal, checksum: Checksum, measurement: Measurement) -> None:
    """Keeps it from now on, or what was not known of it."""
    known = journal.measurement(checksum)
    journal.put_measurements({checksum: completed(known, measurement_document(measurement))})


def measure_missing(
    workspace: Workspace,
    journal: Journal,
    store: BlobStore,
    known: Known,
    *,
    emit: Callable[[Event], None],
    is_stopped: Callable[[], bool],
) -> None:
    """Measures what is in the store of these albums and was not measured, or not all of it, yet.

    ``known`` is the journal as it is.

    Without the extra it says so once and does nothing. What cannot be brought from the store is
    left for another run. Raises ``OSError``.
    """
    missing = list(_unmeasured(workspace, known, store))
    if missing and not can_measure():
        emit(Hinted(hint=HINT))
        return
    for start in range(0, len(missing), AT_A_TIME):
        group = missing[start : start + AT_A_TIME]
        if is_stopped():
            return
        bring_all(store, group)
        for audio in group:
            measurement = None if is_stopped() else measure_blob(store, audio)
            if measurement is not None:
                keep_measurement(journal, audio.checksum, measurement)


def _unmeasured(workspace: Workspace, known: Known, store: BlobStore) -> Iterator[StoredAudio]:
    measured = {checksum for checksum, document in known.measured.items() if is_complete(document)}
    wanted = {digest for take in workspace.takes for digest in take.digests}
    for attempt in known.attempts:
        audio = attempt.audio
        is_ours = attempt.ref.album in workspace.providers or attempt.digest in wanted
        if not is_ours or attempt.state not in HAS_AUDIO or audio is None:
            continue
        if audio.checksum in measured or audio.format not in MEASURABLE:
            continue
        if store.holds(audio.checksum, audio.format, audio.size_bytes):
            measured.add(audio.checksum)
            yield audio
