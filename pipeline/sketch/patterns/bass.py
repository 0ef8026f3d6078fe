"""The bass: roots on strong places, fifths and octaves between, a step into the next chord."""

from __future__ import annotations

from pipeline.sketch.genres import Genre
from pipeline.sketch.patterns.bar import Bar
from pipeline.sketch.prompt import Meter
from pipeline.sketch.score import STEP_TICKS, Note
from pipeline.sketch.theory import nearest_pitch

# (first sixteenth, sixteenths, what): r root, 5 fifth, 8 octave, 3 third, 7 seventh, a approach
_Line = tuple[tuple[int, int, str], ...]

_CALM: dict[Genre, _Line] = {
    Genre.POP: ((0, 8, "r"), (8, 6, "r"), (14, 2, "a")),
    Genre.FOLK: ((0, 8, "r"), (8, 8, "5")),
    Genre.BALLAD: ((0, 12, "r"), (12, 4, "5")),
    Genre.ROCK: ((0, 6, "r"), (6, 2, "r"), (8, 8, "r")),
    Genre.SOUL: ((0, 5, "r"), (7, 1, "5"), (8, 4, "8"), (14, 2, "a")),
    Genre.LOFI: ((0, 6, "r"), (10, 4, "5"), (14, 2, "a")),
    Genre.JAZZ: ((0, 8, "r"), (8, 8, "5")),
    Genre.HOUSE: ((2, 2, "r"), (6, 2, "r"), (10, 2, "r"), (14, 2, "8")),
    Genre.SYNTHWAVE: tuple((step, 2, "r") for step in range(0, 16, 2)),
    Genre.AMBIENT: ((0, 16, "r"),),
}
_LIVELY: dict[Genre, _Line] = {
    Genre.POP: ((0, 3, "r"), (3, 3, "r"), (6, 2, "r"), (8, 2, "r"), (10, 2, "5"),
                (12, 2, "8"), (14, 2, "a")),
    Genre.FOLK: ((0, 6, "r"), (6, 2, "r"), (8, 4, "5"), (12, 2, "r"), (14, 2, "a")),
    Genre.BALLAD: ((0, 6, "r"), (6, 2, "r"), (8, 6, "5"), (14, 2, "a")),
    Genre.ROCK: (*((step, 2, "r") for step in range(0, 14, 2)), (14, 2, "a")),
    Genre.SOUL: ((0, 3, "r"), (3, 1, "r"), (6, 2, "8"), (8, 2, "7"), (10, 2, "5"),
                 (13, 1, "r"), (14, 2, "a")),
    Genre.LOFI: ((0, 5, "r"), (7, 2, "r"), (10, 3, "8"), (13, 1, "5"), (14, 2, "a")),
    Genre.JAZZ: ((0, 4, "r"), (4, 4, "3"), (8, 4, "5"), (12, 4, "a")),
    Genre.HOUSE: ((2, 2, "r"), (5, 1, "r"), (6, 2, "r"), (10, 2, "r"), (13, 1, "5"), (14, 2, "8")),
    Genre.SYNTHWAVE: tuple((step, 1 if step % 2 else 2, "8" if step % 4 == 2 else "r")
                           for step in (0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15)),
    Genre.AMBIENT: ((0, 12, "r"), (12, 4, "5")),
}  # fmt: skip
_TWELVE = {
    Meter.THREE: (((0, 12, "r"),), ((0, 4, "r"), (4, 4, "5"), (8, 4, "a"))),
    Meter.SIX: (((0, 12, "r"),), ((0, 4, "r"), (4, 2, "r"), (6, 4, "5"), (10, 2, "a"))),
}
LOWEST, HIGHEST = 28, 50


def play(bar: Bar) -> list[Note]:
    """The bass of a bar; silent where little is played, one long root at the song's end."""
    if bar.energy < 0.4 and not bar.is_final:
        return []
    root = nearest_pitch(bar.chord.root, 36)
    if bar.is_final:
        return [Note(start=bar.start, ticks=bar.ticks, pitch=root, velocity=bar.velocity(84))]
    is_lively = bar.energy >= 0.62
    if bar.meter is Meter.FOUR:
        line = (_LIVELY if is_lively else _CALM)[bar.style.genre]
    else:
        line = _TWELVE[bar.meter][is_lively]
    return [_note(bar, root, step, steps, what) for step, steps, what in line]


def _note(bar: Bar, root: int, step: int, steps: int, what: str) -> Note:
    pitch = _pitch(bar, root, what)
    while pitch > HIGHEST:
        pitch -= 12
    while pitch < LOWEST:
        pitch += 12
    length = steps * STEP_TICKS
    gate = length - 30 if length > STEP_TICKS else length - 20
    return Note(
        start=max(0, bar.start + step * STEP_TICKS + bar.late(4)), ticks=gate, pitch=pitch,
        velocity=bar.velocity(100 if step == 0 else 86),
    )  # fmt: skip


def _pitch(bar: Bar, root: int, what: str) -> int:
    steps = bar.chord.steps
    match what:
        case "5":
            return root + steps[2] - (12 if root + steps[2] > 45 else 0)
        case "8":
            return root + 12
        case "3":
            return root + steps[1]
        case "7":
            return root + (steps[3] if len(steps) > 3 else 10 if steps[1] == 3 else 7)
        case "a":
            target = nearest_pitch(bar.next_chord.root, root)
            if target == root:
                return root + steps[2] - 12
            scale = set(bar.style.key.scale)
            below = target - 2 if (target - 2) % 12 in scale else target - 1
            above = target + 2 if (target + 2) % 12 in scale else target + 1
            return below if target >= root else above
        case _:
            return root
