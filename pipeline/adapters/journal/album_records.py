"""What each album's manifest said last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline.adapters.journal.database import Database
from pipeline.core.wanted.digest import canonical_json


class AlbumRecords(Database):
    """Plain JSON documents of albums, by id."""

    def known_albums(self) -> dict[str, dict[str, Any]]:
        """Every album that a command ever named."""
        if not self._all("has_known_albums"):
            return {}  # an older journal, opened for reading only
        return {row["album"]: json.loads(row["document_json"]) for row in self._all("known_albums")}

    def put_known_albums(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Remembers what manifests say now, all or none; what is known already is not written."""
        known = self.known_albums()
        news = {album: each for album, each in documents.items() if known.get(album) != each}
        if not news:
            return
        with self._transaction():
            for album, document in news.items():
                row = {"album": album, "document_json": canonical_json(document)}
                self._run("put_known_album", row)
