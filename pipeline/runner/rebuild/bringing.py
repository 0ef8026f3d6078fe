"""Audio from the store to this machine, and back where the store lacks it: several at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from pipeline.adapters.blob_store import BlobStore
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.wanted.album import Checksum
from pipeline.errors import SongmakeError

AT_A_TIME = 8

Failures = dict[Checksum, SongmakeError]


def bring_all(store: BlobStore, audios: Iterable[StoredAudio]) -> Failures:
    """Brings what is not on this machine yet; returns what could not be brought, and why.

    Not for a running event loop. Raises ``OSError`` for this machine's disk.
    """
    away = [audio for audio in audios if not store.path_of(audio.checksum, audio.format).is_file()]
    return asyncio.run(_each(store.bring, away)) if away else {}


def deliver_all(store: BlobStore, audios: Iterable[StoredAudio]) -> Failures:
    """Puts what only this machine has into the store that was named; returns what failed."""
    lacking = store.lacking(audios)
    return asyncio.run(_each(store.deliver, lacking)) if lacking else {}


async def _each(
    move: Callable[[StoredAudio], Awaitable[object]], audios: Iterable[StoredAudio]
) -> Failures:
    slots, failures = asyncio.Semaphore(AT_A_TIME), Failures()

    async def one(audio: StoredAudio) -> None:
        async with slots:
            try:
                await move(audio)
            except SongmakeError as error:
                failures[audio.checksum] = error

    async with asyncio.TaskGroup() as group:
        for audio in {audio.checksum: audio for audio in audios}.values():
            group.create_task(one(audio))
    return failures
