"""One bar as the players see it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from pipeline.sketch.genres import Arrival
from pipeline.sketch.prompt import Meter, Style
from pipeline.sketch.score import STEP_TICKS, bar_ticks, pulse_ticks
from pipeline.sketch.theory import Chord

QUIET_BELOW = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar's place, chord and mood. ``dice`` belongs to the one player that reads it."""

    start: int
    chord: Chord
    next_chord: Chord
    style: Style
    energy: float
    is_first: bool  # of its part
    is_last: bool  # of its part
    is_rising: bool  # the next part is played more strongly
    is_crowned: bool  # a cymbal marks its first beat
    is_final: bool  # of the song: what is struck here rings out
    is_building: bool  # the snare rolls
    dice: random.Random

    @property
    def meter(self) -> Meter:
        """The song's metre."""
        return self.style.meter

    @property
    def ticks(self) -> int:
        """The bar's length."""
        return bar_ticks(self.style.meter)

    @property
    def steps(self) -> int:
        """The bar's sixteenths."""
        return self.ticks // STEP_TICKS

    @property
    def beat_steps(self) -> int:
        """A beat's sixteenths: six where a beat has three parts, else four."""
        return pulse_ticks(self.style.meter) // STEP_TICKS

    @property
    def is_quiet(self) -> bool:
        """Whether so little plays that what plays has to ring on."""
        return self.energy < QUIET_BELOW

    @property
    def stop_step(self) -> int:
        """The sixteenth from which the band is silent: the bar's end but where it stops short."""
        is_short = self.style.traits.arrival is Arrival.STOP and self.energy >= 0.45
        return self.steps // 2 if is_short and self.is_last and self.is_rising else self.steps

    def velocity(self, base: int) -> int:
        """A velocity round a base, livelier with energy, never twice quite the same."""
        lively = base * (0.72 + 0.36 * self.energy) + 9.0 * (self.dice.random() - 0.5)
        return max(1, min(127, round(lively)))

    def late(self, spread_ticks: int) -> int:
        """A few ticks early or late, as hands are."""
        return round(spread_ticks * (self.dice.random() + self.dice.random() - 1.0))
