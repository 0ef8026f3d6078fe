"""What every store can do, wherever it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from pipeline.adapters.blob_store.desk import Desk
from pipeline.core.purchase.attempt import StoredAudio
from pipeline.core.wanted.album import Checksum


class BlobStore(Protocol):
    """Blobs under the sha256 of their bytes.

    A put of the same bytes twice is the same put, so any number of machines share a store without
    a lock. Every method may raise ``OSError`` for the disk and, for object storage,
    ``StoreUnusable``, ``StoreRefused`` or ``StoreUnreachable``; those that are not ``async`` must
    not be called from a running event loop, since they may ask the service.
    """

    @property
    def shown(self) -> str:
        """The store's address, for people."""

    @property
    def desk(self) -> Desk:
        """This machine's folders beside the store."""

    def path_of(self, checksum: str, extension: str) -> Path:
        """Where this machine reads a blob; it lies there once it was brought."""

    def holds(self, checksum: str, extension: str, size_bytes: int) -> bool:
        """Whether the blob can be brought, by its length; its bytes are not read."""

    def is_empty(self) -> bool:
        """Whether nothing was ever stored here."""

    def check_writable(self) -> None:
        """Writes a few bytes and reads them back, before money depends on it."""

    async def take_in(self, partial: Path, checksum: Checksum, extension: str) -> Path:
        """Moves a complete, checked file in; it is durable, and read back, when this returns.

        If it raises, ``partial`` is still there.
        """

    async def bring(self, audio: StoredAudio) -> Path:
        """The blob as a file of this machine. Raises ``BlobDamaged`` for other bytes."""

    def lacking(self, audios: Iterable[StoredAudio]) -> tuple[StoredAudio, ...]:
        """Those that lie on this machine and not in the store that was named."""

    async def deliver(self, audio: StoredAudio) -> None:
        """Puts one that is lacking into the store."""
