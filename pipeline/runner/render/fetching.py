"""From a link to verified, durable bytes in the store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from pipeline.adapters.aimlapi.cdn import Progress
from pipeline.adapters.audio_probe import NotAudio, ProbedAudio, probe_as_asked
from pipeline.adapters.blob_store import checksum_of
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.purchase.answers import DeadLink, Fetched, Unreachable
from pipeline.core.purchase.attempt import Attempt, StoredAudio
from pipeline.core.purchase.pacing import backoff_s
from pipeline.core.sound.measurement import Measurement
from pipeline.core.wanted.album import AudioSetting, Checksum
from pipeline.errors import SongmakeError
from pipeline.runner.outputs.measuring import Hearing, keep_measurement, measure_blob
from pipeline.runner.render.inspecting import difference
from pipeline.runner.render.run import Run

VISITS_A_LINK = 6
USEFUL_PROGRESS_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The journal says stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLink:
    """This link brings nothing usable; a fresh one may. ``is_gone``: there is no file at all."""

    reason: str
    is_gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoConnection:
    """The file could not be had now; the next run tries again."""

    reason: str


FetchResult = Stored | BadLink | NoConnection


async def fetch_and_store(
    run: Run, attempt: Attempt, link: str, asked: AudioSetting | None
) -> FetchResult:
    """Downloads, checks and stores one file. Raises ``OSError`` if the disk refuses."""
    partial = run.store.desk.partial_path(attempt.client_request_id)
    progress = Progress()
    failures, reached = 0, 0
    while True:
        answer = await run.cdn.fetch(link, partial, progress)
        match answer:
            case Fetched(checksum=checksum):
                return await check_and_store(run, attempt, partial, asked, checksum)
            case DeadLink(reason=reason):
                partial.unlink(missing_ok=True)
                return BadLink(reason=f"the link is dead: {reason}", is_gone=True)
            case Unreachable(reason=reason):
                size = partial.stat().st_size if partial.exists() else 0
                is_moving = size - reached >= USEFUL_PROGRESS_BYTES
                failures = 1 if is_moving else failures + 1
                reached = max(reached, size)
                if failures >= VISITS_A_LINK:
                    return NoConnection(reason=f"the download does not come through: {reason}")
                await asyncio.sleep(backoff_s(failures, jitter=run.clock.jitter()))
            case _:
                assert_never(answer)


async def check_and_store(
    run: Run,
    attempt: Attempt,
    partial: Path,
    asked: AudioSetting | None,
    written: Checksum | None = None,
) -> Stored | BadLink:
    """Checks a whole file and stores it; the journal says so once the store has it for certain.

    ``written`` is the checksum of the file's bytes, if they were hashed as they were written.
    If the store does not take it, the file is kept back for the next run, for by then its link
    may be dead. Raises ``OSError`` and the store's errors.
    """
    crid = attempt.client_request_id
    try:
        probed, checksum, measured = await run.listen(lambda: _inspect(partial, asked, written))
    except NotAudio as error:
        kept = run.store.desk.set_aside(partial, f"{crid}.{run.clock.nonce()}")
        reason = f"what came is not audio ({error.reason}); kept as {kept.name}"
        return BadLink(reason=reason, is_gone=False)
    try:
        async with run.store_slots:
            await run.store.take_in(partial, checksum, probed.format.value)
    except (OSError, SongmakeError):
        if partial.exists():
            run.store.desk.keep_back(partial, crid)
        note = "the store did not take its audio: kept for the next run"
        run.tell(crid, note=note, is_settled=True)
        raise
    audio = StoredAudio(
        checksum=checksum,
        size_bytes=probed.bytes,
        milliseconds=probed.milliseconds,
        format=probed.format.value,
        sample_rate_hz=probed.sample_rate_hz,
        channels=probed.channels,
    )
    at = run.clock.stamp()

    def record(journal: Journal) -> None:
        journal.record_stored(crid, audio=audio, at=at)
        if measured is not None:
            keep_measurement(journal, checksum, measured)

    await run.write(record)
    _compare(run, attempt, probed, asked)
    if measured is None:
        await _measure(run, audio)
    return Stored()


async def _measure(run: Run, audio: StoredAudio) -> None:
    try:
        measurement = await run.listen(lambda: measure_blob(run.store, audio))
    except OSError:
        return  # the audio is safe; the run's end tries again, and says what is wrong
    if measurement is not None:
        await run.write(lambda journal: keep_measurement(journal, audio.checksum, measurement))


def _inspect(
    path: Path, asked: AudioSetting | None, written: Checksum | None
) -> tuple[ProbedAudio, Checksum, Measurement | None]:
    """What it is, checked and measured as it is decoded once."""
    hearing = Hearing()
    probed = probe_as_asked(path, asked, hearing.begin)
    return probed, written or checksum_of(path), hearing.measurement()


def _compare(run: Run, attempt: Attempt, probed: ProbedAudio, asked: AudioSetting | None) -> None:
    words = difference(probed, asked)
    if words is not None:
        run.warn(f"{attempt.ref}: {words}", ref=attempt.ref)
