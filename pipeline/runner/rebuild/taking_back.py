"""Blobs that the store lacks, taken back from published files: copies of them with tags."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.blob_store import BlobStore
from pipeline.adapters.tagged_copy import untagged_sizes, write_untagged_copy
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, StoredAudio
from pipeline.core.wanted.album import Checksum
from pipeline.runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoverable:
    """A blob that the store lacks, and the published file that it can be had from."""

    audio: StoredAudio
    path: Path


Recoverables = Mapping[Checksum, Recoverable]


def blobs_of(attempts: Iterable[Attempt]) -> dict[Checksum, StoredAudio]:
    """What attempts that have audio have in the store, by checksum."""
    return {
        attempt.audio.checksum: attempt.audio
        for attempt in attempts
        if attempt.audio is not None and attempt.state in HAS_AUDIO
    }


def recoverable(workspace: Workspace, lacking: Iterable[StoredAudio]) -> Recoverables:
    """What of it the albums' folders under ``outputs/`` give back, to the byte.

    Whatever a file is called and whoever recorded it: the checksum is the proof. Files are only
    read where something is lacking.
    """
    wanted = tuple(lacking)
    if not wanted:
        return {}
    by_size = _audio_files(workspace, {audio.format for audio in wanted})
    found: dict[Checksum, Recoverable] = {}
    for audio in wanted:
        for path in by_size.get((audio.format, audio.size_bytes), ()):
            if write_untagged_copy(path, None, audio):
                found[audio.checksum] = Recoverable(audio=audio, path=path)
                break
    return found


def take_back(store: BlobStore, found: Recoverables) -> tuple[Recoverable, ...]:
    """Puts them into the store; returns those that are there now.

    Not for a running event loop. Raises ``OSError`` and the store's errors.
    """
    taken = []
    for each in found.values():
        partial = store.desk.partial_path(f"{each.audio.checksum}.taken-back")
        try:
            with partial.open("wb") as out:
                is_whole = write_untagged_copy(each.path, out, each.audio)
            if is_whole:
                asyncio.run(_take_in(store, partial, each.audio))
                taken.append(each)
        finally:
            partial.unlink(missing_ok=True)
    return tuple(taken)


async def _take_in(store: BlobStore, partial: Path, audio: StoredAudio) -> None:
    await store.take_in(partial, audio.checksum, audio.format)


def _audio_files(
    workspace: Workspace, formats: set[str]
) -> Mapping[tuple[str, int], tuple[Path, ...]]:
    """Published files by format and by the length that their pristine bytes may have."""
    found: defaultdict[tuple[str, int], tuple[Path, ...]] = defaultdict(tuple)
    for album in workspace.albums:
        folder = workspace.folders.outputs / album.id
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            extension = path.suffix.removeprefix(".")
            if extension in formats and path.is_file():
                for size_bytes in untagged_sizes(path, audio_format=extension):
                    found[extension, size_bytes] += (path,)
    return found
