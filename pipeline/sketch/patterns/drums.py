"""The kit: its genre's groove, fills at ends, rolls in a build-up, crashes on arrival."""

from __future__ import annotations

from pipeline.sketch.genres import Arrival, Drums
from pipeline.sketch.patterns.bar import Bar
from pipeline.sketch.patterns.grooves import (
    CLAP,
    CONGA_HIGH,
    CONGA_LOW,
    COWBELL,
    CRASH,
    HAT,
    KICK,
    OPEN,
    PEDAL,
    RIDE,
    RIM,
    SHAKER,
    SNARE,
    TOM_HIGH,
    TOM_LOW,
    TOM_MID,
)
from pipeline.sketch.prompt import Meter
from pipeline.sketch.score import STEP_TICKS, Note
from pipeline.sketch.streams import pick

# X accent, x stroke, o soft, - ghost
_LEVEL = {"X": 112, "x": 92, "o": 64, "-": 36}
_BACKBEATS = frozenset({SNARE, RIM, CLAP})
_HANDS = frozenset({SNARE, RIM, CLAP, OPEN, CONGA_HIGH, CONGA_LOW, COWBELL})
_TIMEKEEPERS = frozenset({HAT, PEDAL, RIDE, SHAKER, OPEN})
# Where hands and feet mark the beats of a metre, in sixteenths.
_HANDS_ON = {
    Meter.THREE: (4, 8), Meter.SIX: (6,), Meter.NINE: (6, 12), Meter.TWELVE: (6, 18),
    Meter.FIVE: (8, 16), Meter.SEVEN: (4, 10),
}  # fmt: skip
_FEET_ON = {Meter.TWELVE: (0, 12), Meter.FIVE: (0, 12), Meter.SEVEN: (0, 8)}
_Hits = tuple[tuple[int, int], ...]
_FILLS: tuple[_Hits, ...] = (
    ((8, SNARE), (10, SNARE), (11, SNARE), (12, TOM_HIGH), (13, TOM_HIGH), (14, TOM_MID),
     (15, TOM_LOW)),
    ((12, SNARE), (13, SNARE), (14, TOM_MID), (15, TOM_LOW)),
    ((8, TOM_HIGH), (9, TOM_HIGH), (10, TOM_MID), (12, TOM_MID), (13, TOM_LOW), (14, SNARE),
     (15, SNARE)),
    ((10, SNARE), (13, SNARE), (14, SNARE), (15, KICK)),
)  # fmt: skip
_ELECTRONIC_FILLS: tuple[_Hits, ...] = (
    tuple((step, SNARE) for step in range(8, 16)),
    ((12, CLAP), (14, CLAP), (15, CLAP)),
)


def play(bar: Bar, rows: dict[int, str]) -> list[Note]:
    """The kit's bar: nothing, its groove with the fill at a part's end, or a roll."""
    allowed = bar.style.drums
    least = 0.3 if bar.style.traits.starts_with_drums else 0.4
    if allowed is Drums.NONE or (bar.energy < least and not bar.is_final):
        return _pickup(bar) if allowed is not Drums.NONE and bar.is_last and bar.is_rising else []
    if bar.is_final:
        loudness = 44 if allowed is Drums.SOFT else 70
        return [_hit(bar, 0, KICK, loudness), _hit(bar, 0, CRASH, loudness - 12)]
    if bar.is_building and allowed is Drums.FULL:
        return _roll(bar)
    if bar.is_last and bar.is_rising and bar.style.traits.arrival is Arrival.ROLL:
        return _groove_and_roll(bar, rows)
    fill = _fill(bar)
    notes = [
        _hit(bar, step, drum, _LEVEL[sign])
        for drum, row in _counted(bar, rows).items()
        for step, sign in enumerate(row)
        if sign in _LEVEL
        and step < bar.stop_step
        and not (fill and step >= fill[0] and drum in _HANDS)
    ]
    notes += (
        [_hit(bar, step, drum, 62 + 4 * (step - fill[0])) for step, drum in fill[1]] if fill else []
    )
    if bar.is_crowned:
        notes.append(_hit(bar, 0, CRASH, 66 if allowed is Drums.SOFT else 92))
    return notes


def _counted(bar: Bar, rows: dict[int, str]) -> dict[int, str]:
    """The groove with brushes where it shall be soft, and on the beats of its metre."""
    if bar.style.drums is Drums.SOFT:
        soft = {SNARE: RIM, CLAP: RIM, OPEN: HAT}
        rows = {soft.get(drum, drum): row for drum, row in rows.items()}
    if bar.style.is_half_time:
        return {drum: _halved(drum, row) for drum, row in rows.items()}
    if bar.meter is Meter.FOUR:
        return rows
    if not any(drum in _BACKBEATS for drum in rows):
        rows = rows | {RIM: "x" + "." * (bar.steps - 1)}
    return {drum: _on_the_beats(drum, row, bar) for drum, row in rows.items()}


def _halved(drum: int, row: str) -> str:
    """One backbeat a bar, in its middle, and the foot before it."""
    if drum in _BACKBEATS and any(sign in "Xx" for sign in row):
        return "".join("X" if n == 8 else "-" if sign == "-" else "." for n, sign in enumerate(row))
    return row[:8] + "." + row[9:11] + "." * 5 if drum == KICK else row


def _on_the_beats(drum: int, row: str, bar: Bar) -> str:
    """One foot on the first beat and the hands on the others: what makes three sound like three."""
    signs = list(row)
    others = _HANDS_ON[bar.meter]
    if drum == KICK:
        signs = ["." if step in others else sign for step, sign in enumerate(signs)]
        for step in _FEET_ON.get(bar.meter, (0,)):
            signs[step] = "X"
    elif (
        bar.meter.is_compound
        and drum in _TIMEKEEPERS - {OPEN}
        and any(sign in "Xxo" for sign in row)
    ):
        signs = list("X.o.o." * (len(row) // 6))
    elif drum in _BACKBEATS and any(sign in "Xx" for sign in row):
        signs = ["." if step % 2 == 0 and sign != "-" else sign for step, sign in enumerate(signs)]
        for step in others:
            signs[step] = "x"
    return "".join(signs)


def _roll(bar: Bar) -> list[Note]:
    """A snare that comes nearer, twice as dense in the last bar."""
    every = 1 if bar.is_last else 2
    notes = [
        _hit(bar, step, SNARE, round(46 + 46 * bar.energy * (step + 4) / (bar.steps + 4)))
        for step in range(0, bar.steps, every)
    ]
    return notes + [_hit(bar, step, KICK, 96) for step in range(0, bar.steps, 4)]


def _groove_and_roll(bar: Bar, rows: dict[int, str]) -> list[Note]:
    """Half a bar of the groove, then sixteenths that swell into the next part."""
    half = bar.steps // 2
    notes = [
        _hit(bar, step, drum, _LEVEL[sign])
        for drum, row in _counted(bar, rows).items()
        for step, sign in enumerate(row[:half])
        if sign in _LEVEL
    ]
    drum = RIM if bar.style.drums is Drums.SOFT else SNARE
    return notes + [
        _hit(bar, step, drum, 48 + 48 * (step - half) // half) for step in range(half, bar.steps)
    ]


def _fill(bar: Bar) -> tuple[int, _Hits] | None:
    is_led = bar.is_rising and bar.style.traits.arrival is not Arrival.FILL
    if not bar.is_last or is_led or bar.style.drums is Drums.SOFT or bar.energy < 0.45:
        return None
    if bar.style.traits.is_electronic:
        choices = _ELECTRONIC_FILLS if bar.is_rising else _ELECTRONIC_FILLS[1:]
    else:
        choices = _FILLS if bar.is_rising else _FILLS[1:2] + _FILLS[3:]
    late = bar.steps - 16
    placed = tuple((s + late, drum) for s, drum in pick(bar.dice, choices) if s + late >= 0)
    return placed[0][0], placed


def _pickup(bar: Bar) -> list[Note]:
    """Two soft strokes that lead in."""
    drum = RIM if bar.style.drums is Drums.SOFT else SNARE
    return [_hit(bar, bar.steps - 2, drum, 48), _hit(bar, bar.steps - 1, drum, 58)]


def _hit(bar: Bar, step: int, drum: int, level: int) -> Note:
    softer = 0.78 if bar.style.drums is Drums.SOFT else 1.0
    if drum in _TIMEKEEPERS and step % bar.beat_steps:
        softer *= 0.85  # the beat is what one taps to
    late = 0 if bar.style.traits.is_electronic and drum == KICK else bar.late(5)
    start = max(0, bar.start + step * STEP_TICKS + late)
    return Note(
        start=start, ticks=STEP_TICKS, pitch=drum, velocity=bar.velocity(round(level * softer))
    )
