"""What was measured of files: facts of their bytes, kept by checksum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline.adapters.journal.database import Database
from pipeline.core.sound.measurement import prevailing
from pipeline.core.wanted.digest import canonical_json


class MeasurementRecords(Database):
    """Documents of measurements by the checksum of what was measured."""

    def measurements(self) -> dict[str, dict[str, Any]]:
        """What was measured, by checksum: plain JSON documents, of other versions too."""
        if not self._all("has_measurements"):
            return {}  # an older journal, opened for reading only
        return {
            row["checksum"]: json.loads(row["document_json"]) for row in self._all("measurements")
        }

    def measurement(self, checksum: str) -> dict[str, Any] | None:
        """What was measured of one file, if anything was."""
        rows = self._all("measurement", checksum=checksum)
        return json.loads(rows[0]["document_json"]) if rows else None

    def put_measurements(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Keeps documents by checksum, all or none: measured here, or known elsewhere.

        See :func:`~pipeline.core.sound.measurement.prevailing` for what they take the place of.
        """
        with self._transaction():
            self._put_measurements(documents)

    def _put_measurements(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        found = {checksum: self.measurement(checksum) for checksum in documents}
        known = {checksum: before for checksum, before in found.items() if before is not None}
        for checksum, document in prevailing(documents, known).items():
            row = {
                "checksum": checksum,
                "version": document["version"],
                "document_json": canonical_json(document),
            }
            self._run("put_measurement", row)
            told = self._all("attempts_with_audio", checksum=checksum)
            self._writing.changed.extend(each["client_request_id"] for each in told)
