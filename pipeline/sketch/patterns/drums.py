"""The kit: grooves as rows of sixteenths, fills into the next part, crashes on its first beat."""

from __future__ import annotations

from pipeline.sketch.genres import Drums, Genre
from pipeline.sketch.patterns.bar import Bar
from pipeline.sketch.prompt import Meter
from pipeline.sketch.score import STEP_TICKS, Note
from pipeline.sketch.streams import pick

KICK, RIM, SNARE, CLAP, HAT, PEDAL, OPEN, CRASH, RIDE, SHAKER = (
    36,
    37,
    38,
    39,
    42,
    44,
    46,
    49,
    51,
    70,
)
TOM_LOW, TOM_MID, TOM_HIGH = 45, 47, 50

# X accent, x stroke, o soft, - ghost; sixteen steps a bar, twelve in 3/4 and 6/8
_LEVEL = {"X": 112, "x": 92, "o": 64, "-": 36}
_Groove = dict[int, str]

_SOFT: dict[Genre, _Groove] = {
    Genre.POP: {KICK: "x.......x.x.....", RIM: "....x.......x...", HAT: "x.o.x.o.x.o.x.o."},
    Genre.FOLK: {KICK: "x.........o.....", RIM: "....o.......o...", SHAKER: "o.-ox.-.o.-ox.-o"},
    Genre.BALLAD: {KICK: "x.........o.....", RIM: "........x.......", HAT: "o...o...o...o.-."},
    Genre.ROCK: {KICK: "x.......x.x.....", RIM: "....x.......x...", HAT: "x.o.x.o.x.o.x.o."},
    Genre.SOUL: {KICK: "x..o......x.....", RIM: "....x.......x...", HAT: "x.o-x.o.x.o-x.oo"},
    Genre.LOFI: {KICK: "x......o..x.....", RIM: "....x.......x...", HAT: "o.o.o.o.o.o.o-o."},
    Genre.JAZZ: {KICK: "-.......-.......", PEDAL: "....o.......o...", RIDE: "x...x.o.x...x.o."},
    Genre.HOUSE: {KICK: "x...x...x...x...", SHAKER: "-.o--.o--.o--.o-"},
    Genre.SYNTHWAVE: {KICK: "x...x...x...x...", HAT: "..o...o...o...o."},
    Genre.AMBIENT: {KICK: "o...............", SHAKER: "....-.......-.-."},
}
_FULL: dict[Genre, _Groove] = {
    Genre.POP: {KICK: "X.....x.x.x.....", SNARE: "....X.......X...", HAT: "x.o.x.o.x.o.x.oo"},
    Genre.FOLK: {KICK: "X.....x.x.......", SNARE: "....x..-....x..-", SHAKER: "x.ooX.oox.ooX.oo"},
    Genre.BALLAD: {KICK: "X.....x.X.x.....", SNARE: "....X.......X...", HAT: "x.o.x.o.x.o.x.o."},
    Genre.ROCK: {KICK: "X.....x.X.x...x.", SNARE: "....X.......X...", OPEN: "x.x.x.x.x.x.x.x."},
    Genre.SOUL: {KICK: "X..x....-.x..x..", SNARE: "....X..-.-..X..-", HAT: "xoxoxoxoxoxoxoxo"},
    Genre.LOFI: {KICK: "X......x..x.....", SNARE: "....X.......X..-", HAT: "x.x.x.x.x.xox.x."},
    Genre.JAZZ: {KICK: "o.....-.o....-..", PEDAL: "....x.......x...", RIDE: "X...x.x.x...X.x.",
                 SNARE: "......-...-....-"},
    Genre.HOUSE: {KICK: "X...X...X...X...", CLAP: "....X.......X...", OPEN: "..x...x...x...x.",
                  SHAKER: "o-x-o-x-o-x-o-xo"},
    Genre.SYNTHWAVE: {KICK: "X...X...X...X...", SNARE: "....X.......X...", HAT: "xox.xoxoxox.xoxo"},
    Genre.AMBIENT: {KICK: "x.........o.....", RIM: "........o.......", SHAKER: "o.-.o.-.o.-.o.-o"},
}  # fmt: skip
_TWELVE_SOFT = {
    Meter.THREE: {KICK: "x...........", RIM: "....o...o...", HAT: "....o...o.-."},
    Meter.SIX: {KICK: "x...........", RIM: "......x.....", HAT: "x.o.o.x.o.o."},
}
_TWELVE_FULL = {
    Meter.THREE: {KICK: "X.........o.", SNARE: "....x...x...", HAT: "x.o.x.o.x.o."},
    Meter.SIX: {KICK: "X...o.....x.", SNARE: "......X.....", HAT: "X.o.o.X.o.o."},
}
_FILLS = (
    (
        (8, SNARE),
        (10, SNARE),
        (11, SNARE),
        (12, TOM_HIGH),
        (13, TOM_HIGH),
        (14, TOM_MID),
        (15, TOM_LOW),
    ),
    ((12, SNARE), (13, SNARE), (14, TOM_MID), (15, TOM_LOW)),
    (
        (8, TOM_HIGH),
        (9, TOM_HIGH),
        (10, TOM_MID),
        (12, TOM_MID),
        (13, TOM_LOW),
        (14, SNARE),
        (15, SNARE),
    ),
    ((10, SNARE), (13, SNARE), (14, SNARE), (15, KICK)),
)


def play(bar: Bar) -> list[Note]:
    """The kit's bar: nothing, a soft groove or the full one, and the fill at a part's end."""
    allowed = bar.style.drums
    if allowed is Drums.NONE or (bar.energy < 0.4 and not bar.is_final):
        return _pickup(bar) if allowed is not Drums.NONE and bar.is_last and bar.is_rising else []
    if bar.is_final:
        loudness = 44 if allowed is Drums.SOFT else 70
        return [_hit(bar, 0, KICK, loudness), _hit(bar, 0, CRASH, loudness - 12)]
    groove = _groove(bar)
    fill = _fill(bar)
    notes = [
        _hit(bar, step, drum, _LEVEL[row[step]])
        for drum, row in groove.items()
        for step in range(bar.steps)
        if row[step] != "." and not (fill and step >= fill[0] and drum in (SNARE, RIM, CLAP, OPEN))
    ]
    notes += (
        [_hit(bar, step, drum, 62 + 4 * (step - fill[0])) for step, drum in fill[1]] if fill else []
    )
    if bar.is_first and bar.energy >= 0.72:
        notes.append(_hit(bar, 0, CRASH, 66 if allowed is Drums.SOFT else 92))
    return notes


def _groove(bar: Bar) -> _Groove:
    is_full = bar.energy >= 0.62 and (bar.style.drums is Drums.FULL or bar.energy >= 0.8)
    if bar.meter is not Meter.FOUR:
        return (_TWELVE_FULL if is_full else _TWELVE_SOFT)[bar.meter]
    groove = (_FULL if is_full else _SOFT)[bar.style.genre]
    if is_full and bar.style.drums is Drums.SOFT:
        # Brushes: the full groove's feet and shaker, the backbeat on the rim.
        groove = {RIM if drum in (SNARE, CLAP) else HAT if drum == OPEN else drum: row
                  for drum, row in groove.items()}  # fmt: skip
    return groove


def _fill(bar: Bar) -> tuple[int, tuple[tuple[int, int], ...]] | None:
    if not bar.is_last or bar.style.drums is Drums.SOFT or bar.energy < 0.45:
        return None
    hits = pick(bar.dice, _FILLS if bar.is_rising else _FILLS[1:2] + _FILLS[3:])
    late = bar.steps - 16
    placed = tuple((step + late, drum) for step, drum in hits if step + late >= 0)
    return placed[0][0], placed


def _pickup(bar: Bar) -> list[Note]:
    """Two soft strokes that lead in."""
    drum = RIM if bar.style.drums is Drums.SOFT else SNARE
    return [_hit(bar, bar.steps - 2, drum, 48), _hit(bar, bar.steps - 1, drum, 58)]


def _hit(bar: Bar, step: int, drum: int, level: int) -> Note:
    softer = 0.78 if bar.style.drums is Drums.SOFT else 1.0
    late = 0 if bar.style.traits.is_electronic and drum == KICK else bar.late(5)
    start = max(0, bar.start + step * STEP_TICKS + late)
    return Note(
        start=start, ticks=STEP_TICKS, pitch=drum, velocity=bar.velocity(round(level * softer))
    )
