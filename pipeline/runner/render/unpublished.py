"""What is stored, and waits to be published with what else waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.handover.tracks import TrackFile


@dataclass(slots=True, eq=False)
class Unpublished:
    """The tracks of a take that waits; who publishes them leaves here what came of it."""

    tracks: Sequence[TrackFile]
    is_taken: bool = False
    notes: tuple[str, ...] = ()
    error: Exception | None = None
