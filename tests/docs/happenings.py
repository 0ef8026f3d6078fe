"""What happens to the reader of a document: the provider's faults and manners, and time.

``<!-- provider: post accept_then_reset; logs 404 always; seconds=60 -->``: each part is a fault of
the double (place, name, options as ``name=value``, ``always`` or ``times=2``) or one of its
settings (``name=value`` alone). They replace those before; nothing after the colon: a good day.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.docs.blocks import Happening
from tests.vendor.client import Vendor

MANNERS: dict[str, Any] = {"seconds": 0.05, "audio_seconds": 0.3}


def happen(happening: Happening, *, vendor: Vendor, project: Path) -> None:
    """Brings it about."""
    if happening.word == "an hour passes":
        for journal in project.rglob("journal.sqlite3"):
            let_an_hour_pass(journal)
        return
    vendor.clear_faults()
    vendor.set(**MANNERS)
    for part in filter(None, (part.strip() for part in happening.rest.split(";"))):
        place, *words = part.split()
        if "=" in place:
            vendor.set(**dict([_option(place)]))
            continue
        options = dict(_option(word) for word in words[1:] if word != "always")
        if "always" in words:
            options["times"] = None
        vendor.fault(place, words[0], **options)


def _option(word: str) -> tuple[str, Any]:
    name, _, text = word.partition("=")
    try:
        return name, json.loads(text)
    except ValueError:
        return name, text


def let_an_hour_pass(journal: Path) -> None:
    """Every request that is out is older by that: a run gives the log time to show a fresh one."""
    with sqlite3.connect(journal, isolation_level=None) as db:
        rows = db.execute(
            "SELECT client_request_id, intent_at FROM attempts"
            " WHERE state IN ('intent', 'in_doubt')"
        )
        for name, intent_at in rows.fetchall():
            moment = datetime.fromisoformat(intent_at) - timedelta(hours=1)
            text = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
            db.execute(
                "UPDATE attempts SET intent_at = ? WHERE client_request_id = ?", (text, name)
            )
    db.close()
