"""What ``songmake pick --json`` prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.core.wanted.picks import PickChange

SCHEMA = "songmake/picked/1"


def picked_document(
    changes: Iterable[PickChange], sources: Mapping[str, str], *, is_written: bool
) -> dict[str, Any]:
    """Every song that was named; ``sources`` are the manifests' paths by album."""
    return {
        "schema": SCHEMA,
        "is_written": is_written,
        "picks": [
            {
                "album": change.album,
                "song": change.song,
                "manifest": sources[change.album],
                "before": change.before,
                "take": change.take,
            }
            for change in changes
        ],
    }
