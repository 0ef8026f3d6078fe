"""The files that songmake wrote under ``outputs/``: the only ones it may replace or remove."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.adapters.journal.database import Database
from pipeline.adapters.journal.rows import handover_record_of, publication_of
from pipeline.core.handover.folder import HandoverRecord
from pipeline.core.handover.tracks import Publication


class FileRecords(Database):
    """Published tracks and hand-over files, by outputs folder and path."""

    def all_publications(self) -> tuple[Publication, ...]:
        """The files that songmake wrote under any outputs folder."""
        return tuple(publication_of(row) for row in self._all("all_publications"))

    def publications(self, outputs: str) -> tuple[Publication, ...]:
        """The files that songmake wrote under one outputs folder, by path."""
        return tuple(publication_of(row) for row in self._all("publications", outputs=outputs))

    def publication(self, outputs: str, path: str) -> Publication | None:
        """What is remembered of one file."""
        rows = self._all("publication", outputs=outputs, path=path)
        return publication_of(rows[0]) if rows else None

    def published_digests(self) -> frozenset[str]:
        """Digests that have a file in any outputs folder."""
        return frozenset(row["digest"] for row in self._all("published_digests"))

    def put_publication(self, outputs: str, publication: Publication) -> None:
        """Remembers a file as songmake's own, before it appears and again once it lies there."""
        ref = publication.ref
        fields = {
            "outputs": outputs,
            "path": publication.path,
            "album": ref.album,
            "song": ref.song,
            "take": ref.number,
            "provider": publication.provider.value,
            "digest": publication.digest,
            "recipe": publication.recipe,
            "checksum": publication.checksum,
            "size_bytes": publication.size_bytes,
            "mtime_ns": publication.mtime_ns,
        }
        with self._transaction():
            self._run("put_publication", fields)

    def drop_publication(self, outputs: str, path: str) -> None:
        """Forgets a file that is no longer there."""
        with self._transaction():
            self._run("drop_publication", {"outputs": outputs, "path": path})

    def handover_records(self, outputs: str) -> tuple[HandoverRecord, ...]:
        """The hand-over files that songmake wrote under one outputs folder, by path."""
        if not self._all("has_handover_files"):
            return ()  # an older journal, opened for reading only
        return tuple(
            handover_record_of(row) for row in self._all("handover_files", outputs=outputs)
        )

    def put_handover_records(self, outputs: str, records: Sequence[HandoverRecord]) -> None:
        """Remembers files as songmake's own, all or none."""
        with self._transaction():
            for record in records:
                self._run(
                    "put_handover_file",
                    {
                        "outputs": outputs,
                        "path": record.path,
                        "album": record.album,
                        "checksum": record.checksum,
                        "size_bytes": record.size_bytes,
                        "mtime_ns": record.mtime_ns,
                    },
                )

    def drop_handover_record(self, outputs: str, path: str) -> None:
        """Forgets a hand-over file that is no longer there."""
        with self._transaction():
            self._run("drop_handover_file", {"outputs": outputs, "path": path})
