"""The bass: its genre's line on the chord of the bar, with a step into the next one."""

from __future__ import annotations

from pipeline.sketch.patterns.bar import Bar
from pipeline.sketch.score import STEP_TICKS, Note
from pipeline.sketch.theory import nearest_pitch

LOWEST, HIGHEST = 28, 50


def play(bar: Bar, row: str) -> list[Note]:
    """The bass of a bar; held or silent where little is played, one long root at the song's end."""
    if bar.is_quiet and not bar.is_final and bar.style.pad:
        return []  # the pad holds the harmony
    root = nearest_pitch(bar.chord.root, 36)
    if bar.is_quiet and not bar.is_final:
        return [Note(start=bar.start, ticks=bar.ticks - 30, pitch=root, velocity=bar.velocity(74))]
    if bar.is_final:
        return [Note(start=bar.start, ticks=bar.ticks, pitch=root, velocity=bar.velocity(84))]
    notes = []
    for step, sign in enumerate(row):
        if sign in ".=" or step >= bar.stop_step:
            continue
        length = 1
        while step + length < bar.stop_step and row[step + length] == "=":
            length += 1
        notes.append(_note(bar, root, step, length, sign))
    return notes


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
        velocity=bar.velocity(100 if step == 0 else 88),
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
        case "6":
            return root + (9 if (bar.chord.root + 9) % 12 in bar.style.key.scale else 7)
        case "7":
            # The chord's own seventh where it has one, else the scale's.
            if len(steps) > 3 and steps[3] > 7:
                return root + steps[3]
            return root + (10 if (bar.chord.root + 10) % 12 in bar.style.key.scale else 7)
        case "a":
            return _approach(bar, root)
        case _:
            return root


def _approach(bar: Bar, root: int) -> int:
    target = nearest_pitch(bar.next_chord.root, root)
    if target == root:
        return root + bar.chord.steps[2] - 12
    scale = set(bar.style.key.scale)
    below = target - 2 if (target - 2) % 12 in scale else target - 1
    above = target + 2 if (target + 2) % 12 in scale else target + 1
    return below if target >= root else above
