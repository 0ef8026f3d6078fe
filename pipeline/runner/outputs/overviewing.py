"""``outputs/index.html``: all albums, also those that a command does not name."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.pages.overview_page import overview_page
from pipeline.core.handover.folder import PAGE_NAME, HandoverFile
from pipeline.core.handover.tracks import Publication
from pipeline.core.overview.known import (
    KnownAlbum,
    album_document,
    known_album,
    known_album_of,
)
from pipeline.core.overview.overview import overview
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.sound.measurement import Measurements
from pipeline.core.wanted.album import AlbumId, Checksum
from pipeline.runner.workspace import TakesByAlbum, Workspace

OF_ALL = AlbumId("")  # whose file the overview is: no album has this id


def known_albums(
    workspace: Workspace, takes: TakesByAlbum, documents: Mapping[str, Mapping[str, Any]]
) -> dict[AlbumId, KnownAlbum]:
    """Every album that a command ever named, those of the workspace as their manifests are now.

    ``takes`` are the workspace's by any provider, ``documents`` the journal's.
    """
    remembered = {
        AlbumId(album): known
        for album, document in documents.items()
        if (known := known_album_of(album, document)) is not None
    }
    return {**remembered, **_named(workspace, takes)}


def remember_albums(workspace: Workspace, takes: TakesByAlbum, journal: Journal) -> None:
    """Keeps what the manifests say for runs that do not name them."""
    named = _named(workspace, takes)
    journal.put_known_albums({album: album_document(known) for album, known in named.items()})


def _named(workspace: Workspace, takes: TakesByAlbum) -> dict[AlbumId, KnownAlbum]:
    return {album.id: known_album(album, takes[album.id]) for album in workspace.albums}


def overview_files(
    known: Mapping[AlbumId, KnownAlbum],
    attempts: Sequence[Attempt],
    publications: Sequence[Publication],
    handed_over: Collection[str],
    measurements: Measurements,
) -> tuple[HandoverFile, ...]:
    """The page; none while nothing was ever tried. ``handed_over`` are the albums' own files."""
    shown = overview(known, attempts, publications, handed_over, measurements)
    if shown is None:
        return ()
    content = overview_page(shown)
    checksum = Checksum(hashlib.sha256(content).hexdigest())
    return (HandoverFile(path=PAGE_NAME, album=OF_ALL, checksum=checksum, content=content),)
