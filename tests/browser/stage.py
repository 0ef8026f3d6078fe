"""Listening rooms for tests: albums, what the journal knows of them, and audio that plays."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from pipeline.adapters.pages.room_page import room_page
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, State
from pipeline.core.room.building import room
from pipeline.core.room.view import Room
from pipeline.core.sound.measurement import Measurement
from pipeline.core.sound.waveform import SLICES, encode
from pipeline.core.wanted.album import Album, Song
from pipeline.core.wanted.takes import WantedTake
from tests.audio_files import tone, wav_of
from tests.builders import a_request, a_song, an_album, an_audio, takes_of
from tests.core.attempts import attempt_at, checksum, publication_of

STATES = {
    "p": State.PUBLISHED, "u": State.SUBMITTED, "f": State.FAILED, "r": State.REJECTED,
    "d": State.IN_DOUBT, "l": State.LOST, "-": None,
}  # fmt: skip


@dataclass(slots=True)
class Stage:
    """An album that is put together song by song; a letter of ``states`` for each take."""

    seconds: float = 2.0
    songs: list[Song] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    errors: list[str | None] = field(default_factory=list)
    loudness: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(
        self,
        name: str,
        states: str = "p",
        *,
        loudness: tuple[str, ...] = (),
        error: str | None = None,
        prompt: str | None = None,
        lyrics: str | None = "[Verse]\nWords of a song",
        **fields: Any,
    ) -> None:
        """One more song; ``loudness`` of its takes in LUFS, the last for all that are left."""
        asked = a_request(prompt=prompt or f"the prompt of {name}", lyrics=lyrics)
        number = len(self.songs) + 1
        made = {"number": number, "title": name.title(), "request": asked, "takes": len(states)}
        self.songs.append(a_song(name, **{**made, **fields}))
        self.states.append(states)
        self.errors.append(error)
        self.loudness[name] = loudness or ("-14.00",)

    def album(self, **fields: Any) -> Album:
        """The album as its manifest says it."""
        return an_album(self.songs, **fields)

    def view(self, **fields: Any) -> Room:
        """What the page shows."""
        album = self.album(**fields)
        takes = takes_of(album)
        tried = [self._attempt(take) for take in takes]
        attempts = [attempt for attempt in tried if attempt is not None]
        sounding = [attempt for attempt in attempts if attempt.audio is not None]
        shown = room(
            album,
            takes,
            attempts,
            [
                publication_of(found, f"{found.ref.album}/{found.ref.song}.{found.ref.number}.wav")
                for found in sounding
            ],
            {found.audio.checksum: self._measured(found) for found in sounding if found.audio},
            ("album.m3u8", "cover.jpg"),
        )
        assert shown is not None
        return shown

    def page(self, outputs: Path, **fields: Any) -> Path:
        """The page in its folder, with audio that plays."""
        shown = self.view(**fields)
        folder = outputs / shown.id
        folder.mkdir(parents=True)
        audio = wav_of(
            tone(seconds=self.seconds, rate_hz=8000, channels=1), rate_hz=8000, channels=1
        )
        for song in shown.songs:
            for take in song.takes:
                if take.audio:
                    (folder / take.audio).write_bytes(audio)
        page = folder / "index.html"
        page.write_bytes(room_page(shown))
        return page

    def _attempt(self, take: WantedTake) -> Attempt | None:
        place = take.song_number - 1
        state = STATES[self.states[place][take.ref.number - 1]]
        if state is None:
            return None
        name = f"{take.ref.song}{take.ref.number}"
        audio = an_audio(checksum=checksum(name), milliseconds=round(self.seconds * 1000))
        error = None if state is State.PUBLISHED else self.errors[place]
        return attempt_at(take, state, audio=audio if state in HAS_AUDIO else None, error=error)

    def _measured(self, attempt: Attempt) -> Measurement:
        said = self.loudness[attempt.ref.song]
        lufs = said[min(attempt.ref.number, len(said)) - 1]
        turn = attempt.ref.number * 0.7 + len(attempt.ref.song)
        peaks = [abs(math.sin(turn + place / 17)) for place in range(SLICES)]
        return Measurement(
            is_decodable=True,
            milliseconds=round(self.seconds * 1000),
            sample_rate_hz=44100,
            channels=2,
            true_peak=Decimal("0.900000"),
            loudness_lufs=Decimal(lufs),
            waveform=encode(peaks),
        )


def a_large_album() -> Stage:
    """200 songs with three takes and 3,000 characters of lyrics each."""
    stage = Stage()
    verse = "Streetlights flicker, the night breeze sighs over\n" * 11
    lyrics = "".join(f"[Verse {part}]\n{verse}" for part in range(1, 6))[:3000]
    levels = ("-14.20", "-11.90", "-12.40")
    for number in range(1, 201):
        prompt = f"warm indie folk, {60 + number} BPM, {'fingerpicked guitar, ' * 8}"
        stage.add(f"song-{number}", "ppp", loudness=levels, lyrics=lyrics, prompt=prompt)
    return stage


EVIL = (
    """"><img src=x onerror="document.title='run'"><script>document.title='run'</script>"""
    """</textarea>{{ 7 * 7 }}&lt;"""
)


def a_hostile_album() -> Stage:
    """Markup, right-to-left text, emoji, control characters and 300 characters in every field."""
    stage = Stage()
    stage.add(
        "evil",
        "pf",
        title=EVIL,
        prompt=EVIL,
        lyrics=f"[{EVIL}]\n{EVIL}\n</p></section><h1>Out</h1>",
        error=f"{EVIL}\x00\x1b[31m\u202e\ud800",
        metadata={"notes": EVIL, "composer": EVIL, "artist": EVIL, "language": EVIL},
        tags=(EVIL,),
    )
    stage.add(
        "right",
        "ppp",
        title="أضواء الشارع 🎹 في الليل",
        lyrics="[Verse]\nأضواء الشارع تومض\nنسيم الليل",
        loudness=("-14.20", "-9.00", "-11.50"),
    )
    stage.add("long", "pd", title="Longing " * 37 + "word", lyrics=None)
    stage.add("unbroken", "-", title="W" * 300, prompt="p" * 1900)
    stage.add("emoji", "p", title="👩‍👩‍👧‍👦 🏳️‍🌈 e" + "\u0301" * 40, lyrics="👩‍👩‍👧‍👦\n" * 40)
    stage.add("1984", "fu", title="No", error="the provider: 'prompt' is refused")
    return stage


def reload_until(page: Page, remembers: str) -> None:
    """Reloads until the page remembers what the browser keeps: nearly always at once.

    The page's next process may ask before what the last one kept has arrived.
    """
    for _ in range(5):
        page.reload()
        if page.evaluate(remembers):
            return
    raise AssertionError(f"after five reloads still not {remembers}")
