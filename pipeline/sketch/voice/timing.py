"""When each phoneme sounds: vowels on the notes, consonants before them, out of the last vowel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from pipeline.sketch.voice.notes import Sung

FRAME_S = 0.0125  # the voice's own frame
LEAD_S = 0.3  # silence, or breath, that the voice expects before it begins
_MARK_S = 2 * FRAME_S
_SPACE_S = FRAME_S
_TAIL_S = 0.2
_REST_S = 0.15  # a gap that is heard as one
_LEAST_VOWEL_S = 0.14
_MOST_STOLEN = 0.38  # of a note's time, by consonants
_RELEASE_S = 0.04

_CONSONANT_S = {
    **dict.fromkeys("pbtdkɡ", 0.077), "T": 0.044, **dict.fromkeys("fsʃθ", 0.105),
    **dict.fromkeys("vzʒð", 0.083), **dict.fromkeys("ʧʤ", 0.12), **dict.fromkeys("mnŋlɹ", 0.083),
    **dict.fromkeys("wjhxə", 0.068),
}  # fmt: skip
_CROWDED = {0: 1.0, 1: 1.0, 2: 0.85}


class Kind(Enum):
    """What part a phoneme plays."""

    SILENCE = auto()
    SPACE = auto()
    CONSONANT = auto()
    MARK = auto()  # a stress mark, the vowel's first moment
    VOWEL = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A phoneme's place; ``sung`` counts the line's syllables."""

    sign: str  # "" for the silence at either end
    start_s: float
    end_s: float
    kind: Kind
    sung: int


@dataclass(slots=True)
class _Spread:
    """A syllable's times while they are settled."""

    onset: list[float]
    coda: list[float]
    vowel_end_s: float = 0.0


def sounds(line: Sequence[Sung]) -> tuple[Sound, ...]:
    """Every sound of a line in its order, without gaps; the first begins LEAD_S early."""
    spreads = _spreads(line)
    first_s = line[0].start_s - sum(spreads[0].onset)
    placed = [_sound("", first_s - LEAD_S, first_s, Kind.SILENCE, 0)]
    for index, (sung, spread) in enumerate(zip(line, spreads, strict=True)):
        start_s = sung.start_s - sum(spread.onset)
        new_word = sung.syllable.word != line[index - 1].syllable.word
        if index and (new_word or start_s - placed[-1].end_s > _REST_S):
            placed.append(_sound(" ", placed[-1].end_s, start_s, Kind.SPACE, index))
        placed += _syllable(index, sung, spread, start_s)
    end_s = placed[-1].end_s
    placed.append(_sound(".", end_s, end_s + _TAIL_S, Kind.SILENCE, len(line) - 1))
    placed.append(_sound("", end_s + _TAIL_S, end_s + _TAIL_S + 0.05, Kind.SILENCE, len(line) - 1))
    return tuple(placed)


def _syllable(index: int, sung: Sung, spread: _Spread, at_s: float) -> list[Sound]:
    placed: list[Sound] = []
    for sign, seconds in zip(sung.syllable.onset, spread.onset, strict=True):
        placed.append(_sound(sign, at_s, at_s + seconds, Kind.CONSONANT, index))
        at_s += seconds
    at_s = sung.start_s
    if sung.syllable.stress:
        mark = "ˈ" if sung.syllable.stress == 2 else "ˌ"
        placed.append(_sound(mark, at_s, at_s + _MARK_S, Kind.MARK, index))
        at_s += _MARK_S
    placed.append(_sound(sung.syllable.nucleus[0], at_s, spread.vowel_end_s, Kind.VOWEL, index))
    at_s = spread.vowel_end_s
    for sign, seconds in zip(sung.syllable.coda, spread.coda, strict=True):
        placed.append(_sound(sign, at_s, at_s + seconds, Kind.CONSONANT, index))
        at_s += seconds
    return placed


def _sound(sign: str, start_s: float, end_s: float, kind: Kind, sung: int) -> Sound:
    return Sound(sign=sign, start_s=start_s, end_s=max(start_s, end_s), kind=kind, sung=sung)


def _spreads(line: Sequence[Sung]) -> list[_Spread]:
    spreads = [
        _Spread(onset=_lengths(sung.syllable.onset), coda=_lengths(sung.syllable.coda))
        for sung in line
    ]
    for index, sung in enumerate(line[:-1]):
        after = line[index + 1]
        if after.start_s - sung.end_s < _REST_S:
            space_s = _SPACE_S if after.syllable.word != sung.syllable.word else 0.0
            _share(spreads[index], spreads[index + 1], sung.start_s, after.start_s, space_s)
        else:
            _release(spreads[index], sung)
    _release(spreads[-1], line[-1])
    return spreads


def _share(spread: _Spread, after: _Spread, start_s: float, next_s: float, space_s: float) -> None:
    """The coda and the next onset share what a vowel can spare."""
    room_s = next_s - start_s
    wanted_s = sum(spread.coda) + sum(after.onset) + space_s
    spare_s = max(0.0, min(_MOST_STOLEN * room_s, room_s - _LEAST_VOWEL_S))
    scale = min(1.0, spare_s / wanted_s) if wanted_s else 1.0
    spread.coda = [seconds * scale for seconds in spread.coda]
    after.onset = [seconds * scale for seconds in after.onset]
    spread.vowel_end_s = next_s - wanted_s * scale


def _release(spread: _Spread, sung: Sung) -> None:
    """Before a rest the coda ends a moment after the note."""
    room_s = sung.end_s - sung.start_s + _RELEASE_S
    wanted_s = sum(spread.coda)
    scale = min(1.0, _MOST_STOLEN * room_s / wanted_s) if wanted_s else 1.0
    spread.coda = [seconds * scale for seconds in spread.coda]
    spread.vowel_end_s = sung.end_s + _RELEASE_S - wanted_s * scale


def _lengths(signs: tuple[str, ...]) -> list[float]:
    crowded = _CROWDED.get(len(signs), 0.75)
    return [crowded * _CONSONANT_S.get(sign, 0.07) for sign in signs]
