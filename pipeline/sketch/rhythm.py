"""Where syllables fall in a phrase: stressed ones on strong places, with room to breathe."""

from __future__ import annotations

import random
from dataclasses import dataclass

from pipeline.sketch.lyrics import Syllable
from pipeline.sketch.prompt import Meter
from pipeline.sketch.score import bar_ticks, pulse_ticks

_EIGHTH = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A sung note's place in its phrase, in ticks from the phrase's first bar line."""

    start: int
    ticks: int
    syllable: Syllable


def strength(tick: int, meter: Meter) -> float:
    """How strong a place of the bar is: 1 its first beat, 0 between eighths."""
    place = tick % bar_ticks(meter)
    if place == 0:
        return 1.0
    if meter is Meter.SEVEN:
        return 0.7 if place in (480, 960) else 0.35 if place % _EIGHTH == 0 else 0.0
    if (meter is Meter.FOUR and place == 960) or (
        meter in (Meter.FIVE, Meter.TWELVE) and place == 1440
    ):
        return 0.85
    if meter.is_compound:
        return 0.85 if place % pulse_ticks(meter) == 0 else 0.25 if place % _EIGHTH == 0 else 0.0
    if place % pulse_ticks(meter) == 0:
        return 0.65
    return 0.35 if place % _EIGHTH == 0 else 0.0


def set_words(
    syllables: tuple[Syllable, ...], *, bars: int, meter: Meter, random_places: random.Random
) -> tuple[Beat, ...]:
    """One beat a syllable within the bars, by the cheapest path over the grid of places."""
    whole = bars * bar_ticks(meter)
    step = _grid_step(len(syllables), whole)
    last = whole - (pulse_ticks(meter) if len(syllables) * step < 0.8 * whole else step)
    places = range(0, last, step)
    jitter = [0.5 * random_places.random() for _ in range(whole // 60)]
    cost_of = [[_place_cost(s, t, meter, jitter[t // step]) for t in places] for s in syllables]
    path = _cheapest(cost_of, syllables, ideal_gap=max(1.0, 0.92 * len(places) / len(syllables)))
    starts = [places[at] for at in path]
    return _lasting(starts, syllables, whole, meter)


def _grid_step(count: int, whole: int) -> int:
    """Eighths if there is room, else finer: never fewer places than syllables."""
    for step in (_EIGHTH, 120):
        if count <= 0.72 * whole / step:
            return step
    return 60


def _place_cost(syllable: Syllable, tick: int, meter: Meter, jitter: float) -> float:
    strong = strength(tick, meter)
    return jitter + ((1.5 * (1.0 - strong)) if syllable.is_stressed else 0.55 * strong)


def _cheapest(
    cost_of: list[list[float]], syllables: tuple[Syllable, ...], *, ideal_gap: float
) -> list[int]:
    count, width = len(cost_of), len(cost_of[0])
    best = [cost_of[0][at] + 0.35 * at for at in range(width)]
    came: list[list[int]] = []
    for n in range(1, count):
        row = [1e9] * width
        source = [0] * width
        wanted = ideal_gap * (1.3 if syllables[n - 1].ends_word else 0.8)
        widest = int(3 * ideal_gap) + 2
        for at in range(n, width - (count - 1 - n)):
            for before in range(max(n - 1, at - widest), at):
                gap = at - before
                cost = best[before] + 0.9 * abs(gap - wanted) / (0.5 * (gap + wanted))
                if cost < row[at]:
                    row[at], source[at] = cost, before
            row[at] += cost_of[n][at]
        best = row
        came.append(source)
    at = min(range(width), key=lambda place: best[place])
    path = [at]
    for source in reversed(came):
        at = source[at]
        path.append(at)
    return path[::-1]


def _lasting(
    starts: list[int], syllables: tuple[Syllable, ...], whole: int, meter: Meter
) -> tuple[Beat, ...]:
    beats = []
    for at, start in enumerate(starts):
        is_last = at == len(starts) - 1
        end = starts[at + 1] if not is_last else _breath_before(start, whole, meter)
        longest = 2 * pulse_ticks(meter) if not is_last else whole
        ticks = max(60, min(end - start, longest))
        beats.append(Beat(start=start, ticks=ticks, syllable=syllables[at]))
    return tuple(beats)


def _breath_before(start: int, whole: int, meter: Meter) -> int:
    """Where the last note ends: early enough for a breath before the next line."""
    longest = min(whole - 120, start + 3 * pulse_ticks(meter))
    return max(min(longest, whole - 300), min(longest, start + 240))
