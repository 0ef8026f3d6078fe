"""What the lock files of a workspace know, and what follows for buying. Changes nothing."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.adapters.lock_file import LockFile, lock_path, orphaned_locks
from pipeline.core.findings.phrases import some_of
from pipeline.core.lock.document import Lock
from pipeline.core.lock.joining import is_purchase
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.sound.measurement import prevailing
from pipeline.core.wanted.album import Album, AlbumId
from pipeline.core.wanted.takes import digests_by_any_provider
from pipeline.errors import LockDamaged, UnknownPurchases, UsageError
from pipeline.runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLock:
    """One lock file. ``album`` is None if its manifest is gone, ``lock`` if there is no file.

    ``heir_of`` is then the journal that bought for the album under its manifest's former name.
    """

    album: AlbumId | None
    file: LockFile
    lock: Lock | None
    heir_of: str | None = None

    @property
    def journal(self) -> str | None:
        """Whose it is; None if there is nobody yet."""
        return self.heir_of if self.lock is None else self.lock.journal

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """What it tells of."""
        return () if self.lock is None else self.lock.attempts

    @property
    def purchases(self) -> tuple[Attempt, ...]:
        """What of it cost or may have cost money."""
        return tuple(filter(is_purchase, self.attempts))

    def is_anothers(self, journal_id: str | None) -> bool:
        """Whether another journal buys for this album: buying beside it would buy twice."""
        is_spent_for = self.heir_of is not None or bool(self.purchases)
        return is_spent_for and self.journal not in (None, journal_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLocks:
    """The locks of some albums, and those beside them whose manifests are gone."""

    found: tuple[FoundLock, ...] = ()

    @property
    def told(self) -> tuple[Attempt, ...]:
        """Every attempt that a lock tells of; an album's own lock comes before others'."""
        own = [each for each in self.found if each.album is not None]
        others = [each for each in self.found if each.album is None]
        return tuple(attempt for each in (*own, *others) for attempt in each.attempts)

    @property
    def measurements(self) -> dict[str, Mapping[str, Any]]:
        """What they know of the sound of files, by checksum."""
        found: dict[str, Mapping[str, Any]] = {}
        for each in self.found:
            if each.lock is not None:
                found |= prevailing(each.lock.measurements, found)
        return found

    @property
    def paid_origins(self) -> tuple[str, ...]:
        """Where the purchases were made."""
        origins = (attempt.origin for each in self.found for attempt in each.purchases)
        return tuple(dict.fromkeys(origins))

    def anothers(self, journal_id: str | None) -> tuple[FoundLock, ...]:
        """The albums' locks that belong to another journal."""
        return tuple(
            each for each in self.found if each.album is not None and each.is_anothers(journal_id)
        )

    def refuse_forgotten(self, journal_id: str | None, known_ids: Collection[str]) -> None:
        """Raises ``UnknownPurchases`` if a lock of this very journal knows more than it does."""
        for each in self.found:
            if each.lock is None or each.lock.journal != journal_id:
                continue
            unknown = [one for one in each.purchases if one.client_request_id not in known_ids]
            if unknown:
                raise _forgotten(each, unknown)


def _forgotten(each: FoundLock, unknown: Iterable[Attempt]) -> UnknownPurchases:
    names = sorted({f"{one.ref.song}#{one.ref.number}" for one in unknown})
    command = ["songmake", "report", "--import", each.file.shown]
    return UnknownPurchases(
        f"{each.file.shown} was written by this very journal and knows purchases that the journal "
        f"does not ({some_of(names)}): it is an older copy; nothing is bought until it knows",
        hint=shlex.join(command),
    )


def sharers_of(
    workspace: Workspace | None, pairs: Iterable[tuple[str, str]]
) -> dict[str, frozenset[str]]:
    """By digest, the albums whose locks tell of it, whoever bought it.

    They want it now, by any provider, or it is among ``pairs`` of album and digest: what was
    shared once stays.
    """
    found: dict[str, frozenset[str]] = {}
    for album, digest in pairs:
        found[digest] = found.get(digest, frozenset()) | {album}
    for each in () if workspace is None else workspace.albums:
        alone = frozenset({str(each.id)})  # one for all the digests that nobody shares
        for digest in digests_by_any_provider(each):
            found[digest] = found[digest] | alone if digest in found else alone
    return found


Mender = Callable[[Album, LockFile, LockDamaged], Lock]


def read_locks(workspace: Workspace, mend: Mender | None = None) -> FoundLocks:
    """Reads the lock of every album, and those beside them that have no manifest any more.

    ``mend`` is asked for an album's lock that cannot be trusted; without it, ``LockDamaged`` with
    file and line. Raises ``UsageError`` if two albums would share one file.
    """
    files: dict[Path, Album] = {}
    found: list[FoundLock] = []
    for album in workspace.albums:
        file = LockFile(lock_path(Path(album.source)))
        other = files.setdefault(file.path, album)
        if other is not album:
            raise UsageError(
                f"{other.source} and {album.source} would share the lock {file.shown}",
                hint="rename one of them",
            )
        found.append(FoundLock(album=album.id, file=file, lock=_lock_of(album, file, mend)))
    orphans = tuple(_orphans(workspace, files))
    albums = {album.id: album for album in workspace.albums}
    heirs = (
        each if each.lock or each.album is None else _heir(each, albums, orphans) for each in found
    )
    return FoundLocks(found=(*heirs, *orphans))


def _heir(
    each: FoundLock, albums: Mapping[AlbumId, Album], orphans: Collection[FoundLock]
) -> FoundLock:
    """Renaming a manifest does not change who buys for it: its audio is in the lock left behind."""
    assert each.album is not None
    wanted = frozenset(digests_by_any_provider(albums[each.album])) if orphans else frozenset()
    for orphan in orphans:
        if any(purchase.digest in wanted for purchase in orphan.purchases):
            return replace(each, heir_of=orphan.journal)
    return each


def _lock_of(album: Album, file: LockFile, mend: Mender | None) -> Lock | None:
    try:
        lock = file.read()
    except LockDamaged as damage:
        if mend is None:
            raise
        return mend(album, file, damage)
    if lock is not None and lock.album != album.id:
        raise LockDamaged(
            f"{file.shown} is the lock of the album {lock.album}, and {album.source} is the album "
            f"{album.id}: nothing is bought",
            hint=f"add “id: {lock.album}” to the album in {album.source}, "
            f"or give the lock back its name: {lock.album}.lock.json",
        )
    return lock


def _orphans(workspace: Workspace, files: Collection[Path]) -> Iterable[FoundLock]:
    folders = dict.fromkeys(Path(album.source).parent for album in workspace.albums)
    for path in (path for folder in folders for path in orphaned_locks(folder)):
        file = LockFile(path)
        if file.path not in files:
            yield FoundLock(album=None, file=file, lock=file.read())
