"""Shelves of albums as the overview sees them: what manifests said, attempts, files."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.adapters.pages.overview_page import overview_page
from pipeline.core.handover.tracks import Publication
from pipeline.core.overview.known import KnownAlbum, known_album
from pipeline.core.overview.overview import overview
from pipeline.core.overview.view import Overview
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, State
from pipeline.core.sound.measurement import Measurement
from pipeline.core.sound.waveform import SLICES, encode
from pipeline.core.wanted.album import AlbumId, Checksum
from tests.builders import a_request, a_song, an_album, takes_of
from tests.core.attempts import attempt_at, publication_of
from tests.pictures import jpeg_of

LAST_DAY = datetime(2026, 11, 27, 21, 5, tzinfo=UTC)


@dataclass(slots=True)
class Shelf:
    """Albums one after another; ``page`` writes their overview as it lies in ``outputs/``."""

    known: dict[AlbumId, KnownAlbum] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    handed_over: set[str] = field(default_factory=set)
    measurements: dict[Checksum, Measurement] = field(default_factory=dict)

    def add(
        self,
        name: str,
        states: str,
        *,
        days_ago: int = 0,
        apart_days: int = 0,
        error: str | None = None,
        song_title: str | None = None,
        **fields: Any,
    ) -> None:
        """An album with a song a letter: published, stored, submitted, failed, in doubt (``d``),
        lost, or not tried (``-``); the first one bought so many days ago, the next ones later."""
        songs = [
            a_song(
                f"song-{number}",
                number=number,
                title=song_title or f"Song {number}",
                request=a_request(prompt=f"{name} {number}"),
            )
            for number in range(1, len(states) + 1)
        ]
        album = an_album(songs, **{"id": AlbumId(name), "title": name.title(), **fields})
        self.known[album.id] = known_album(album, takes_of(album))
        for number, (take, letter) in enumerate(zip(takes_of(album), states, strict=True)):
            state = _STATES[letter]
            if state is None:
                continue
            at = LAST_DAY - timedelta(days=days_ago - number * apart_days)
            attempt = attempt_at(
                take,
                state,
                intent_at=at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                generation_id=f"{name}-{number}",
                client_request_id=f"{name}-{number}",
                error=error if state is not State.PUBLISHED else None,
            )
            self.attempts.append(attempt)
            if attempt.audio is not None:
                self.measurements[attempt.audio.checksum] = _measured(number)
            if state is State.PUBLISHED:
                path = f"{name}/{take.song_number:02d}-{take.ref.song}.mp3"
                self.publications.append(publication_of(attempt, path))
        if any(_STATES[letter] in HAS_AUDIO for letter in states):
            self.handed_over.add(f"{name}/index.html")

    def cover(self, name: str) -> None:
        """Gives an album a cover."""
        self.handed_over.add(f"{name}/cover.jpg")

    def view(self) -> Overview:
        """What the page shows."""
        shown = overview(
            self.known, self.attempts, self.publications, self.handed_over, self.measurements
        )
        assert shown is not None
        return shown

    def page(self, outputs: Path) -> Path:
        """The page in a folder, with its covers."""
        for path in self.handed_over:
            if path.endswith(".jpg"):
                (outputs / path).parent.mkdir(exist_ok=True)
                (outputs / path).write_bytes(jpeg_of(64))
        page = outputs / "index.html"
        page.write_bytes(overview_page(self.view()))
        return page


_STATES = {
    "p": State.PUBLISHED, "s": State.STORED, "u": State.SUBMITTED, "f": State.FAILED,
    "d": State.IN_DOUBT, "l": State.LOST, "-": None,
}  # fmt: skip


def _measured(number: int) -> Measurement:
    peaks = [abs(math.sin((number + 1.3) * place * 0.017)) * 0.9 for place in range(SLICES)]
    return Measurement(is_decodable=True, waveform=encode(peaks))


def a_long_history() -> Shelf:
    """Sixty albums over three years."""
    shelf = Shelf()
    for number in range(60):
        shelf.add(
            f"album-{number:02d}",
            "p" * (3 + number % 9) + ("--" if number % 7 == 0 else ""),
            days_ago=3 * 365 - 18 * number,
            apart_days=1 + number % 5,
            title=f"{_NAMES[number % len(_NAMES)]} {number}",
            budget_usd=Decimal(3) if number % 3 else None,
        )
        if number % 2:
            shelf.cover(f"album-{number:02d}")
    return shelf


_NAMES = ("Small Hours", "The Long Way Down to the Harbour", "Kite", "Night Bus Sessions", "Ö")
