"""Tagged copies under ``outputs/``. Everything here can be done again, free, to the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from pipeline.adapters.blob_store import BlobStore, checksum_of
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.outputs import (
    aside_path,
    keep_foreign,
    lies_as_recorded,
    move_into_place,
    remove,
)
from pipeline.adapters.tagged_copy import write_tagged_copy
from pipeline.core.handover.tracks import Publication, TrackFile, desired_tracks, stale_publications
from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.purchase.standing import Ledger
from pipeline.core.sound.album_loudness import loudness_by_album
from pipeline.core.sound.measurement import Measurements
from pipeline.core.wanted.album import AlbumId, Checksum, TakeRef
from pipeline.core.wanted.moves import continued_files
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import BlobDamaged
from pipeline.runner.clock import Clock
from pipeline.runner.outputs.known import Known, outputs_key
from pipeline.runner.outputs.ownership import is_foreign, lies_unchanged
from pipeline.runner.workspace import Workspace

T = TypeVar("T")
FETCH_AGAIN = "fetch it again, free: songmake render"
Damaged = Mapping[Checksum, BlobDamaged]
Recorded = Mapping[str, Publication]  # by path; of what the journal remembers


class Asking(Protocol):
    """Makes a call with a journal, in whatever thread that belongs to."""

    def __call__(self, ask: Callable[[Journal], T], /) -> T:
        """What the call returned; what it wrote is durable. Raises what it raised."""
        ...


@dataclass(frozen=True, slots=True)
class Copy:
    """A tagged copy that waits at ``aside`` for its place; ``found`` is what was there before."""

    track: TrackFile
    publication: Publication
    found: Publication | None
    aside: Path
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Publishes the tracks of one workspace; returns notes about files it had to keep aside.

    A file of the size and time of its publication is taken for it, unless ``reads_bytes``.
    ``asking`` is given to :meth:`publish` in a thread that the journal does not belong to: it has
    a call made with the journal, and returns what that returned.
    """

    workspace: Workspace
    journal: Journal
    store: BlobStore
    clock: Clock
    outputs_key: str  # the outputs folder's name in the journal
    reads_bytes: bool = False
    asking: Asking | None = None

    def recorded(self, tracks: Sequence[TrackFile]) -> Recorded:
        """What the journal remembers of these tracks' files."""
        found = (self.journal.publication(self.outputs_key, track.path) for track in tracks)
        return {each.path: each for each in found if each is not None}

    def up_to_date(self, tracks: Sequence[TrackFile], recorded: Recorded) -> frozenset[TakeRef]:
        """Takes of these tracks whose file is there as it was published, by size and time."""
        return frozenset(
            track.ref for track in tracks if self._is_current(track, recorded.get(track.path))
        )

    def settled(
        self,
        tracks: Sequence[TrackFile],
        recorded: Recorded,
        current: Collection[TakeRef],
    ) -> frozenset[TakeRef]:
        """Those of the ``current`` takes of which the journal says all that there is to say."""
        return frozenset(
            track.ref
            for track in tracks
            if track.ref in current
            and track.source.state is State.PUBLISHED
            and self._lies_as_recorded(recorded[track.path])
        )

    def lies_unrecorded(self, track: TrackFile) -> bool:
        """Whether a file is where the track belongs, and the journal does not know of it."""
        if self.journal.publication(self.outputs_key, track.path) is not None:
            return False
        return self._path(track.path).exists()

    def publish(self, tracks: Sequence[TrackFile], recorded: Recorded) -> tuple[str, ...]:
        """Writes each track that is not up to date. Raises ``OSError``, ``BlobDamaged``."""
        notes, damaged = self.publish_sound(tracks, recorded)
        for error in damaged.values():
            raise error
        return notes

    def publish_sound(
        self, tracks: Iterable[TrackFile], recorded: Recorded
    ) -> tuple[tuple[str, ...], Damaged]:
        """The same, where damaged blobs keep nobody else waiting; returns them too."""
        copies, damaged = self.copied(tracks, recorded)
        notes = self.claim(copies)
        self.record(copies, moved(copies))
        return notes, damaged

    def copied(
        self, tracks: Iterable[TrackFile], recorded: Recorded
    ) -> tuple[tuple[Copy, ...], Damaged]:
        """Tagged copies, aside, of the tracks that are not up to date, and the damaged blobs."""
        copies: list[Copy] = []
        damaged: dict[Checksum, BlobDamaged] = {}
        try:
            for track in tracks:
                assert track.source.audio is not None
                try:
                    copies += self._copy(track, recorded.get(track.path))
                except BlobDamaged as error:
                    damaged.setdefault(track.source.audio.checksum, error)
        except BaseException:
            discard(copies)
            raise
        return tuple(copies), damaged

    def claim(self, copies: Sequence[Copy]) -> tuple[str, ...]:
        """The places are songmake's own before the copies appear there: one commit.

        Returns notes about files that had to be kept aside.
        """
        if not copies:
            return ()
        notes = [self._keep(copy) for copy in copies]
        self._remember([copy.publication for copy in copies])
        return tuple(note for note in notes if note)

    def record(self, copies: Sequence[Copy], moved_at: Sequence[int]) -> None:
        """The copies lie where they belong, since these times in nanoseconds: one commit."""
        if not copies:
            return
        published = [
            replace(copy.publication, mtime_ns=mtime_ns)
            for copy, mtime_ns in zip(copies, moved_at, strict=True)
        ]
        self._remember(published, are_there=[copy.track.source for copy in copies])

    def remove_stale(self, tracks: Sequence[TrackFile], known: Known) -> tuple[str, ...]:
        """Removes files that no take of these albums has any more, if they are unchanged.

        ``tracks`` are all that are desired.
        """
        sounding = {track.ref for track in tracks}
        stale = stale_publications(
            continued_files(known.publications, self.workspace.moves),
            tracks,
            albums=self.workspace.providers,
            silent=frozenset(take.ref for take in self.workspace.takes) - sounding,
        )
        notes = [self._remove(publication) for publication in stale]
        self._mark_unpublished(known.attempts)
        return tuple(note for note in notes if note)

    def _is_current(self, track: TrackFile, found: Publication | None) -> bool:
        if found is None or found.recipe != track.recipe or found.mtime_ns is None:
            return False
        if (found.ref, found.digest) != (track.ref, track.digest):
            return False
        return lies_unchanged(self._path(track.path), found, reads_bytes=self.reads_bytes)

    def _lies_as_recorded(self, found: Publication) -> bool:
        path = self._path(found.path)
        return lies_as_recorded(path, size_bytes=found.size_bytes, mtime_ns=found.mtime_ns)

    def _copy(self, track: TrackFile, found: Publication | None) -> tuple[Copy, ...]:
        """The tagged copy of a track, aside; none if the track is up to date."""
        if self._is_current(track, found):
            assert found is not None
            self._note_time(found)
            self._ask(lambda journal: self._mark_published(journal, track.source))
            return ()
        path = self._path(track.path)
        aside = aside_path(path)
        try:
            publication = self._write(track, aside)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        return (Copy(track, publication, found, aside, path),)

    def _write(self, track: TrackFile, aside: Path) -> Publication:
        assert track.source.audio is not None
        audio = track.source.audio
        blob = self.store.path_of(audio.checksum, audio.format)
        try:
            is_sound = checksum_of(blob) == audio.checksum
        except FileNotFoundError as absent:  # set aside a moment ago, for a track that shares it
            raise BlobDamaged(
                f"{track.ref}: {blob.name} is not in the store any more", hint=FETCH_AGAIN
            ) from absent
        if not is_sound:
            self.store.desk.set_aside(blob, f"{blob.name}.{self.clock.nonce()}")
            raise BlobDamaged(
                f"{track.ref}: {blob.name} is not what was stored: set aside", hint=FETCH_AGAIN
            )
        with aside.open("wb") as out:
            copy = write_tagged_copy(blob, out, audio_format=audio.format, tags=track.tags)
        return Publication(
            path=track.path,
            ref=track.ref,
            provider=track.provider,
            digest=track.digest,
            recipe=track.recipe,
            checksum=copy.checksum,
            size_bytes=copy.bytes,
            mtime_ns=None,
        )

    def _keep(self, copy: Copy) -> str | None:
        if not is_foreign(copy.path, copy.found, copy.publication.checksum):
            return None
        kept = keep_foreign(copy.path)
        return f"{copy.track.path} was not as songmake wrote it: kept as {kept.name}"

    def _remove(self, publication: Publication) -> str | None:
        path = self._path(publication.path)
        is_changed = path.is_file() and checksum_of(path) != publication.checksum
        if not is_changed:
            remove(path)
        self.journal.drop_publication(self.outputs_key, publication.path)
        return f"{publication.path} was changed by hand and stays" if is_changed else None

    def _note_time(self, found: Publication) -> None:
        mtime_ns = self._path(found.path).stat().st_mtime_ns
        if mtime_ns != found.mtime_ns:
            self._remember([replace(found, mtime_ns=mtime_ns)])

    def _ask(self, ask: Callable[[Journal], T]) -> T:
        return ask(self.journal) if self.asking is None else self.asking(ask)

    def _remember(
        self, publications: Sequence[Publication], are_there: Sequence[Attempt] = ()
    ) -> None:
        key = self.outputs_key

        def remember(journal: Journal) -> None:
            with journal.as_one():
                for publication in publications:
                    journal.put_publication(key, publication)
                for attempt in are_there:
                    self._mark_published(journal, attempt)

        self._ask(remember)

    def _mark_published(self, journal: Journal, attempt: Attempt) -> None:
        crid = attempt.client_request_id
        if journal.attempt(crid).state is State.STORED:
            journal.record_state(crid, State.PUBLISHED, at=self.clock.stamp(), reason=None)

    def _mark_unpublished(self, attempts: Sequence[Attempt]) -> None:
        published = self.journal.published_digests()
        for attempt in attempts:
            is_ours = attempt.ref.album in self.workspace.providers
            if is_ours and attempt.state is State.PUBLISHED and attempt.digest not in published:
                self.journal.record_state(
                    attempt.client_request_id, State.STORED, at=self.clock.stamp(), reason=None
                )

    def _path(self, relative: str) -> Path:
        return self.workspace.folders.outputs / relative


def moved(copies: Sequence[Copy]) -> list[int]:
    """Has claimed copies take their places; for any thread. Raises ``OSError``."""
    return move_into_place([(copy.aside, copy.path) for copy in copies]) if copies else []


def discard(copies: Sequence[Copy]) -> None:
    """Removes copies that nobody moves any more."""
    for copy in copies:
        copy.aside.unlink(missing_ok=True)


def by_path(publications: Sequence[Publication]) -> Recorded:
    """Publications by the path of their file."""
    return {found.path: found for found in publications}


def publisher_of(
    workspace: Workspace,
    journal: Journal,
    store: BlobStore,
    clock: Clock,
    *,
    reads_bytes: bool = False,
) -> Publisher:
    """Publishes to the workspace's outputs folder."""
    return Publisher(
        workspace=workspace,
        journal=journal,
        store=store,
        clock=clock,
        outputs_key=outputs_key(workspace.folders),
        reads_bytes=reads_bytes,
    )


def desired(
    workspace: Workspace,
    ledger: Ledger,
    takes: Sequence[WantedTake] | None = None,
    *,
    measurements: Measurements,
) -> tuple[TrackFile, ...]:
    """The files of a workspace, or of some of its takes, whose audio exists."""
    loudness = (
        loudness_by_album(workspace.takes, ledger.sounding, measurements) if measurements else {}
    )
    takes = workspace.takes if takes is None else takes
    sounding = {take.ref: found for take in takes if (found := ledger.sounding(take))}
    by_album: dict[AlbumId, list[WantedTake]] = {}
    for take in takes:
        by_album.setdefault(take.ref.album, []).append(take)
    return tuple(
        track
        for album in workspace.albums
        if album.id in by_album
        for track in desired_tracks(
            album,
            by_album[album.id],
            sounding,
            bought_songs=ledger.bought_songs,
            measurements=measurements,
            loudness=loudness.get((album.id, album.provider)),
        )
    )
