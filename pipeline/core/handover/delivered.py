"""The tracks of an album as they lie in its folder: what the hand-over files speak about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.formats.tags import TrackTags
from pipeline.core.handover.lyric_sheet import lyric_sheet
from pipeline.core.handover.tracks import Publication, track_tags
from pipeline.core.purchase.attempt import Attempt, StoredAudio
from pipeline.core.purchase.standing import Ledger
from pipeline.core.wanted.album import Album, Checksum, Provider, Song
from pipeline.core.wanted.takes import WantedTake


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredTrack:
    """One published track: ``file_name`` lies in the album's folder, ``checksum`` is its bytes'.

    ``sheet`` are its words as :func:`lyric_sheet` gives them: empty where nothing is sung.
    """

    song: Song
    take_number: int
    tags: TrackTags
    sheet: str
    file_name: str
    checksum: Checksum
    attempt: Attempt
    audio: StoredAudio

    @property
    def is_sung(self) -> bool | None:
        """Whether words are sung, as far as its request says; None where the model chose."""
        request = self.song.request
        if request.instrumental:
            return False
        if request.lyrics is not None:
            return bool(self.sheet)
        return True if request.lyrics_optimizer else None

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return self.file_name.rpartition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is handed over of an album: its tracks in order, and every audio file among them."""

    tracks: tuple[DeliveredTrack, ...]
    audio: tuple[Publication, ...]


def delivery(
    album: Album,
    takes: Sequence[WantedTake],
    attempts: Sequence[Attempt],
    publications: Sequence[Publication],
) -> Delivery:
    """The delivery of an album from its ``takes`` by any provider.

    A track belongs to it if its file lies there and sounds what the manifest asks for now. As soon
    as one track was bought, sketches are none of it, wherever they lie.
    """
    ledger = Ledger.of(attempts)
    lying = {
        (found.ref, found.provider, found.digest): found
        for found in publications
        if found.ref.album == album.id and found.mtime_ns is not None and is_delivered(found)
    }
    found = [
        (take, attempt, publication)
        for take in takes
        if take.is_picked and (attempt := ledger.sounding(take)) is not None
        if (publication := lying.get((take.ref, take.provider, attempt.digest))) is not None
    ]
    bought = [each for each in found if each[0].provider is not Provider.SKETCH]
    songs = {song.id: song for song in album.songs}
    tracks = [_track(album, songs[each[0].ref.song], *each) for each in bought or found]
    providers = {each[0].provider for each in bought or found}
    return Delivery(
        tracks=tuple(sorted(tracks, key=lambda track: track.song.number)),
        audio=tuple(each for each in lying.values() if each.provider in providers),
    )


def is_delivered(publication: Publication) -> bool:
    """Whether a file is among those that are handed over, and no sketch beside bought tracks."""
    return publication.path.split("/")[1] != "sketch"


def _track(
    album: Album, song: Song, take: WantedTake, attempt: Attempt, publication: Publication
) -> DeliveredTrack:
    assert attempt.audio is not None
    return DeliveredTrack(
        song=song,
        take_number=take.ref.number,
        tags=track_tags(album, song),
        sheet=lyric_sheet(song.request.lyrics),
        file_name=publication.path.partition("/")[2],
        checksum=publication.checksum,
        attempt=attempt,
        audio=attempt.audio,
    )
