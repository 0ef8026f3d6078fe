"""Places of files that may have outlived their use: listed, and removed one by one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pipeline.adapters.blob_store.bucket import PROBE_KEY
from pipeline.adapters.blob_store.opening import STORE_NAME, open_bucket
from pipeline.adapters.blob_store.refusals import refusals
from pipeline.core.store.leftovers import KeptFile, Place
from pipeline.core.store.location import StoreKind, StoreLocation

if TYPE_CHECKING:
    from obstore.store import ObjectStore


class Shelf(Protocol):
    """One place. If ``is_shared``, other journals may use it.

    Methods may raise what a store's do; they are not for a running event loop.
    """

    @property
    def is_shared(self) -> bool:
        """Whether what one journal does not know may be another's."""

    def files(self) -> tuple[KeptFile, ...]:
        """Everything that lies there, by name."""

    def remove(self, file: KeptFile) -> None:
        """Removes one file; it may be gone already."""


class FolderShelf:
    """One folder. Links are not followed, and folders are no files."""

    def __init__(self, folder: Path, place: Place, *, shown: str, is_shared: bool = False) -> None:
        self._folder = folder
        self._place = place
        self._shown = shown
        self.is_shared = is_shared

    def files(self) -> tuple[KeptFile, ...]:
        """Every file below, by name; none where there is no such folder."""
        return tuple(self._files())

    def _files(self) -> Iterator[KeptFile]:
        for path in sorted(self._folder.rglob("*")):
            found = _stat_of(path)
            if found is None:
                continue
            name = path.relative_to(self._folder).as_posix()
            yield KeptFile(
                place=self._place,
                name=name,
                shown=f"{self._shown}/{name}",
                size_bytes=found.st_size,
                modified_at=datetime.fromtimestamp(found.st_mtime, UTC),
            )

    def remove(self, file: KeptFile) -> None:
        """Removes one file, and its folder if that is empty then."""
        path = self._folder / file.name
        path.unlink(missing_ok=True)
        if path.parent != self._folder:
            with contextlib.suppress(OSError):  # there are others in it
                path.parent.rmdir()


class BucketShelf:
    """The objects under a store's prefix."""

    is_shared = True

    def __init__(self, objects: ObjectStore, *, shown: str) -> None:
        self._objects = objects
        self._shown = shown

    def files(self) -> tuple[KeptFile, ...]:
        """Every object by name, but the one that songmake tries its permissions on."""
        found = asyncio.run(self._list())
        return tuple(sorted(found, key=lambda file: file.name))

    def remove(self, file: KeptFile) -> None:
        """Removes one object."""
        asyncio.run(self._remove(file.name))

    async def _list(self) -> list[KeptFile]:
        with refusals(self._shown, "be listed"):
            return [
                KeptFile(
                    place=Place.STORE,
                    name=meta["path"],
                    shown=f"{self._shown}/{meta['path']}",
                    size_bytes=meta["size"],
                    modified_at=meta["last_modified"],
                )
                async for page in self._objects.list()
                for meta in page
                if meta["path"] != PROBE_KEY
            ]

    async def _remove(self, key: str) -> None:
        with refusals(self._shown, f"remove {key}"):
            await self._objects.delete_async(key)


def open_shelves(location: StoreLocation | None, state_dir: Path) -> tuple[Shelf, ...]:
    """The folders of a state folder, and the store that was named, if one was.

    Sends nothing and writes nothing. Raises ``StoreUnusable``, ``ExtraMissing``.
    """
    own = [FolderShelf(state_dir / place, place, shown=place) for place in Place]
    if location is None:
        return tuple(own)
    if location.kind is not StoreKind.FOLDER:
        return (BucketShelf(open_bucket(location), shown=location.shown), *own)
    folder = Path(location.place)
    if folder.resolve() == (state_dir / STORE_NAME).resolve():
        return tuple(own)
    return (FolderShelf(folder, Place.STORE, shown=location.shown, is_shared=True), *own)


def _stat_of(path: Path) -> os.stat_result | None:
    """What is known of a file; None for what is none, or not there any more."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None
