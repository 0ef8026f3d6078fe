"""The written music: notes on a grid of ticks, in tracks, with the form above them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from pipeline.sketch.prompt import Meter
from pipeline.sketch.voice.syllables import Syllable

TICKS_PER_QUARTER = 480
STEP_TICKS = 120  # a sixteenth

_BAR_TICKS = {
    Meter.FOUR: 1920,
    Meter.THREE: 1440,
    Meter.SIX: 1440,
    Meter.NINE: 2160,
    Meter.TWELVE: 2880,
    Meter.FIVE: 2400,
    Meter.SEVEN: 1680,
}
_PULSE_TICKS = {
    Meter.FOUR: 480,
    Meter.THREE: 480,
    Meter.SIX: 720,
    Meter.NINE: 720,
    Meter.TWELVE: 720,
    Meter.FIVE: 480,
    Meter.SEVEN: 480,
}


def bar_ticks(meter: Meter) -> int:
    """The length of a bar."""
    return _BAR_TICKS[meter]


def pulse_ticks(meter: Meter) -> int:
    """The length of the beat that the tempo counts."""
    return _PULSE_TICKS[meter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note: ticks from the song's start, MIDI pitch (a General MIDI drum in the kit's track)."""

    start: int
    ticks: int
    pitch: int
    velocity: int  # 1-127
    vowel: str = ""  # what a singing lead sings
    line: int = -1  # the sung line that it belongs to; notes of one line are sung together
    syllable: Syllable | None = None  # its letters and phonemes


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The notes of one instrument, by start. ``tone`` names its sound, ``role`` its place."""

    role: str
    tone: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section of the form: where it lies and how strongly it is played (0-1)."""

    kind: str
    tag: str | None  # as the lyrics wrote it; None: the engine added it
    start: int
    ticks: int
    energy_percent: int
    is_whispered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A whole song."""

    bpm: int
    meter: Meter
    tonic: int
    mode: str
    genre: str
    parts: tuple[Part, ...]
    tracks: tuple[Track, ...]
    fade_ticks: int = 0  # how much of the end fades out

    @property
    def ticks(self) -> int:
        """The length of the form, without what rings on after it."""
        return self.parts[-1].start + self.parts[-1].ticks

    @property
    def seconds_per_tick(self) -> float:
        """The tempo; it does not change within a song."""
        return 60.0 / (self.bpm * pulse_ticks(self.meter))

    def digest(self) -> str:
        """sha256 over the canonical JSON of the score, in hex."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
