"""Attempts written into real journals, for tests that name only what they are about."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from pipeline.adapters.journal.opening import open_journal
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.money import Booking
from pipeline.core.purchase.budget import Caps
from pipeline.core.wanted.digest import client_request_id
from pipeline.core.wanted.takes import WantedTake
from tests.builders import a_request, a_song, an_album, an_audio, takes_of

AT = "2026-08-01T09:30:00.000Z"
LATER = "2026-08-02T09:30:00.000Z"
ORIGIN = "https://api.aimlapi.com"
NO_CAPS = Caps(album_microusd={}, run_microusd=None)
BOOKED = Booking(amount_microusd=195_000, source="answer")


class Gate:
    """A write that holds the writer's thread, so that what comes meanwhile is one group."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.may_end = threading.Event()

    def hold(self, journal: Journal) -> None:
        self.begun.set()
        assert self.may_end.wait(10)


def open_at(folder: Path) -> Journal:
    """The journal of a state folder, for writing."""
    return open_journal(folder, at=AT)


def takes(count: int) -> tuple[WantedTake, ...]:
    """So many takes that ask for different things."""
    songs = [
        a_song(f"s{number}", number=number, request=a_request(prompt=f"waltz number {number}"))
        for number in range(1, count + 1)
    ]
    return takes_of(an_album(songs))


def intend(journal: Journal, take: WantedTake, *, nonce: str = "n0", **fields: Any) -> str:
    """Writes an intent; returns its client request id."""
    number = fields.get("number", 1)
    crid = client_request_id(take.digest, attempt=number, nonce=nonce)
    asked = {
        "client_request_id": crid,
        "number": number,
        "origin": ORIGIN,
        "at": AT,
        "caps": NO_CAPS,
        "run_reserved_microusd": 0,
        "replaces": None,
    }
    journal.write_intent(take, **{**asked, **fields})
    return crid


def submit(journal: Journal, take: WantedTake, generation_id: str, **fields: Any) -> str:
    """An intent that was accepted."""
    crid = intend(journal, take, **fields)
    journal.record_submitted(
        crid, generation_id=generation_id, booking=BOOKED, credits_used=390_000, at=AT
    )
    return crid


def store(journal: Journal, take: WantedTake, generation_id: str, **fields: Any) -> str:
    """A purchase whose audio is in the store."""
    crid = submit(journal, take, generation_id, **fields)
    journal.record_ready(crid, at=AT)
    journal.record_stored(crid, audio=an_audio(), at=AT)
    return crid
