"""``outputs/ALBUM/index.html``: each album's listening room."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pipeline.adapters.pages.room_page import room_page
from pipeline.core.handover.folder import PAGE_NAME, HandoverFile, handover_file
from pipeline.core.handover.tracks import Publication
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.room.building import room
from pipeline.core.sound.measurement import Measurements
from pipeline.core.wanted.album import Album
from pipeline.core.wanted.takes import WantedTake


def room_files(
    album: Album,
    takes: Sequence[WantedTake],
    attempts: Sequence[Attempt],
    publications: Sequence[Publication],
    measurements: Measurements,
    handed_over: Collection[str],
) -> Iterator[HandoverFile]:
    """The page; none while nothing of the album was tried."""
    shown = room(album, takes, attempts, publications, measurements, handed_over)
    if shown is not None:
        yield handover_file(album.id, PAGE_NAME, room_page(shown))
