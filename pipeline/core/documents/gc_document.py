"""``songmake gc --json``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.core.store.leftovers import Leftover


def gc_document(
    found: Sequence[Leftover], *, older_than_days: int, is_deleted: bool, kept: int
) -> dict[str, Any]:
    """What nothing refers to: the journal's own first, then what no attempt knows.

    ``kept`` counts the files that something refers to.
    """
    removable = [each for each in found if each.is_removable]
    return {
        "schema": "songmake/gc/1",
        "older_than_days": older_than_days,
        "is_deleted": is_deleted,
        "unreferenced": [_row(each) for each in found if not each.is_foreign],
        "foreign": [_row(each) for each in found if each.is_foreign],
        "totals": {
            "removable_files": len(removable),
            "removable_bytes": sum(each.file.size_bytes for each in removable),
            "referenced_files": kept,
        },
    }


def _row(found: Leftover) -> dict[str, Any]:
    return {
        "path": found.file.shown,
        "bytes": found.file.size_bytes,
        "why": found.why,
        "is_removable": found.is_removable,
    }
