"""A tune for a phrase: the cheapest path over the scale, drawn to chord tones and a contour."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.sketch.lyrics import Kind
from pipeline.sketch.prompt import Lead, Meter
from pipeline.sketch.rhythm import Beat, strength
from pipeline.sketch.score import bar_ticks
from pipeline.sketch.streams import pick, stream
from pipeline.sketch.theory import Chord, Key, Mode, scale_pitches

# Question, answer, question again, and a close: what makes four lines one tune.
_MOTIFS = "ABAC"
_CONTOURS = ("arch", "fall", "rise", "wave")
# A woman sings from F3 to C5 at ease, a man an octave lower.
RANGES = {
    Lead.HIGH_VOICE: (55, 72), Lead.LOW_VOICE: (43, 60), Lead.CHOIR: (55, 72),
    Lead.FLUTE: (64, 84), Lead.STRINGS: (57, 79), Lead.SYNTH: (60, 81), Lead.GUITAR: (57, 79),
    Lead.ORGAN: (60, 79), Lead.BRASS: (56, 76),
}  # fmt: skip
_HEIGHTS = {
    Kind.CHORUS: 0.66, Kind.HOOK: 0.66, Kind.POST_CHORUS: 0.62, Kind.PRE_CHORUS: 0.54,
    Kind.BRIDGE: 0.56, Kind.SOLO: 0.7, Kind.OUTRO: 0.36,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PhrasePlace:
    """Where a phrase stands in the song: what its tune depends on besides the words."""

    kind: Kind
    index: int  # in its section
    is_last: bool  # of its section
    chords: tuple[Chord, ...]  # one a bar


def motif_of(place: PhrasePlace) -> str:
    """The name of the phrase's motif: phrases that share it share contour and rhythm."""
    return f"{place.kind}/{_MOTIFS[place.index % 4]}"


def tune(
    beats: tuple[Beat, ...], place: PhrasePlace, *, key: Key, lead: Lead, meter: Meter, seed: bytes
) -> tuple[int, ...]:
    """A pitch for each beat, in the lead's range; the same motif in the same key sounds alike."""
    low, high = RANGES[lead]
    pitches = scale_pitches(key, low, high)
    taste = stream(seed, "melody", motif_of(place))
    contour = pick(taste, _CONTOURS)
    centre = low + (high - low) * (_HEIGHTS.get(place.kind, 0.42) + 0.06 * (taste.random() - 0.5))
    fancy = [[0.55 * taste.random() for _ in range(7)] for _ in range(32)]
    costs = []
    for n, beat in enumerate(beats):
        chord = _chord_at(place, beat, meter)
        aim = centre + _contour(contour, n / max(1, len(beats) - 1))
        costs.append(
            [
                _rest_cost(p, beat, chord, aim, meter) + _gravity(p, key) + fancy[n % 32][p % 7]
                for p in pitches
            ]
        )
    for at, pitch in enumerate(pitches):
        costs[-1][at] += _ending_cost(pitch, place, key)
    path = _cheapest(costs, pitches)
    return tuple(
        _leading_tone(pitches[at], key, _chord_at(place, beats[n], meter))
        for n, at in enumerate(path)
    )


def _chord_at(place: PhrasePlace, beat: Beat, meter: Meter) -> Chord:
    return place.chords[min(len(place.chords) - 1, beat.start // bar_ticks(meter))]


def _contour(name: str, x: float) -> float:
    """Semitones above the centre at 0-1 of the phrase; no sines, which differ between machines."""
    match name:
        case "arch":
            return 16.0 * x * (1.0 - x) - 1.5
        case "fall":
            return 3.0 - 5.5 * x
        case "rise":
            return -2.5 + 5.0 * x
        case _:
            return 44.8 * x * (0.5 - x) if x < 0.5 else -44.8 * (x - 0.5) * (1.0 - x)


def _rest_cost(pitch: int, beat: Beat, chord: Chord, aim: float, meter: Meter) -> float:
    strong = strength(beat.start, meter)
    weight = 0.35 + 1.3 * strong + (0.9 if beat.ticks > 480 else 0.0)
    return 0.035 * (pitch - aim) * (pitch - aim) + (
        0.0 if pitch % 12 in chord.pitch_classes else weight
    )


def _gravity(pitch: int, key: Key) -> float:
    """Tonic and third are home; the sixth and seventh above it only passed through."""
    degree = (pitch - key.tonic) % 12
    if degree == 9 and key.mode is Mode.DORIAN:
        return 0.3  # or its fourth chord would be home
    return {0: -0.3, 3: -0.2, 4: -0.2, 8: 0.15, 10: 0.15, 11: 0.25}.get(degree, 0.0)


def _ending_cost(pitch: int, place: PhrasePlace, key: Key) -> float:
    degree = (pitch - key.tonic) % 12
    if place.is_last and place.kind is not Kind.PRE_CHORUS:
        return 0.0 if degree == 0 else 3.0 if degree in (3, 4, 7) else 5.0
    is_open = _MOTIFS[place.index % 4] in "AB"
    return 0.8 if is_open and degree == 0 else 0.0


def _cheapest(costs: list[list[float]], pitches: tuple[int, ...]) -> list[int]:
    leaps = [[_leap_cost(b - a) for b in pitches] for a in pitches]
    best = costs[0]
    came: list[list[int]] = []
    for row in costs[1:]:
        source = [
            min(range(len(pitches)), key=lambda a, b=b: best[a] + leaps[a][b])  # type: ignore[misc]
            for b in range(len(pitches))
        ]
        best = [best[source[b]] + leaps[source[b]][b] + row[b] for b in range(len(pitches))]
        came.append(source)
    at = min(range(len(pitches)), key=lambda place: best[place])
    path = [at]
    for source in reversed(came):
        at = source[at]
        path.append(at)
    return path[::-1]


def _leap_cost(semitones: int) -> float:
    size = abs(semitones)
    if size == 6:
        return 2.4
    for widest, cost in ((0, 0.62), (2, 0.0), (4, 0.35), (5, 0.7), (7, 1.1), (9, 2.2)):
        if size <= widest:
            return cost
    return 2.2 + 0.5 * (size - 9)


def _leading_tone(pitch: int, key: Key, chord: Chord) -> int:
    """Raise the seventh where the dominant has it raised: no cross relation in the cadence."""
    is_raised = (key.tonic + 11) % 12 in chord.pitch_classes
    return pitch + 1 if is_raised and (pitch - key.tonic) % 12 == 10 else pitch
