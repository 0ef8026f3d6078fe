"""What is stored becomes tracks at once, for every take that wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pipeline.core.handover.tracks import TrackFile
from pipeline.core.purchase.attempt import Attempt, asked_of
from pipeline.core.purchase.standing import Ledger
from pipeline.core.sound.measurement import UNMEASURED
from pipeline.core.wanted.album import AudioSetting, Digest
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import BlobDamaged
from pipeline.runner.outputs.publishing import Publisher, desired
from pipeline.runner.render.publishing_aside import publish_aside
from pipeline.runner.render.run import Run


class Tracks:
    """The tracks of a run's takes: what is asked of their audio, and their publication."""

    def __init__(self, run: Run, publisher: Publisher, ledger: Ledger) -> None:
        self._run = run
        self._publisher = publisher
        self._ledger = ledger
        self._takes = _takes_by_digest(publisher.workspace.takes)

    def asked(self, attempt: Attempt) -> AudioSetting | None:
        """What today's manifest asks of the audio; for what it no longer wants, the request."""
        takes = self._takes.get(attempt.digest)
        return takes[0].audio if takes else asked_of(attempt)

    async def publish(self, attempt: Attempt) -> None:
        """Publishes an attempt's audio for every take that wants it, unless the run is ending."""
        await asyncio.sleep(0)
        digest = attempt.digest
        takes = self._takes.get(digest, ())
        ledger = self._ledger.narrowed(digest, self._run.journal.attempts_of(digest))
        # heard at once; its ReplayGain follows at the end, when the album's loudness is known.
        # A file that a lost journal wrote can be told from a stranger's only then
        heard = desired(self._publisher.workspace, ledger, takes, measurements=UNMEASURED)
        tracks = [track for track in heard if not self._publisher.lies_unrecorded(track)]
        await self._bring(tracks)
        for note in await publish_aside(self._run, self._publisher, tracks):
            self._run.warn(note)
        for ref in [take.ref for take in takes] or [attempt.ref]:
            self._run.tell(attempt.client_request_id, ref=ref, is_settled=True)

    async def _bring(self, tracks: Sequence[TrackFile]) -> None:
        """Has the store's bytes on this machine. Raises ``BlobDamaged`` and the store's errors."""
        for track in tracks:
            assert track.source.audio is not None
            try:
                async with self._run.store_slots:
                    await self._run.store.bring(track.source.audio)
            except BlobDamaged as error:
                raise BlobDamaged(f"{track.ref}: {error.message}", hint=error.hint) from error


def _takes_by_digest(takes: Sequence[WantedTake]) -> dict[Digest, tuple[WantedTake, ...]]:
    found: dict[Digest, list[WantedTake]] = {}
    for take in takes:
        for digest in take.digests:
            found.setdefault(digest, []).append(take)
    return {digest: tuple(sharing) for digest, sharing in found.items()}
