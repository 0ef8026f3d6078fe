"""A line's syllables: what is sung on a note."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.sketch.voice.grapheme import spoken
from pipeline.sketch.voice.letters import is_latin, pieces, syllables_estimated
from pipeline.sketch.voice.package import VoiceMissing, alphabet, model

_VOWELS = frozenset("AIOQWYaeiouyæɐɑɒɔəɚɛɜɪʊʌᵊᵻɨ")
_CONSONANTS = frozenset("bdfhjklmnpstvwzðŋɡɹɾTʃʒʤʧθx")
_STRESS = {"ˈ": 2, "ˌ": 1}
_OBSTRUENTS = frozenset("bdfkpstvzðɡTʃʒʤʧθ")
_SYLLABIC = frozenset("mnl")
_ONE_BREATH = re.compile(r"(?:ire[ds]?|^ours?|^hours?)\W*$", re.IGNORECASE)
_HUMMED = "mnŋlɹvz"
_CLUSTERS = frozenset(
    {
        *("pl", "pɹ", "pj", "bl", "bɹ", "bj", "tɹ", "tw", "tj", "dɹ", "dw", "dj", "kl", "kɹ", "kw"),
        *("kj", "ɡl", "ɡɹ", "ɡw", "fl", "fɹ", "fj", "vj", "θɹ", "θw", "ʃɹ", "hj", "hw", "mj", "nj"),
        *("lj", "sp", "st", "sk", "sm", "sn", "sl", "sw", "sf"),
        *("spl", "spɹ", "spj", "stɹ", "stj", "skɹ", "skw", "skj"),
    }
)
# The five vowels of a synthetic voice.
_PLAIN = {
    "i": "iɪjyᵻɨ", "u": "uʊw", "e": "ɛAeæ", "o": "OQɔoɒY", "a": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Syllable:
    """One syllable: its letters for the eye and its phonemes for the voice."""

    word: int  # index of its word in the line
    text: str
    stress: int  # 0 none, 1 secondary, 2 primary
    onset: tuple[str, ...]
    nucleus: tuple[str, ...]
    coda: tuple[str, ...]

    def vowel(self) -> str:
        """The nearest of a, e, i, o and u."""
        return next((name for name, signs in _PLAIN.items() if self.nucleus[0] in signs), "a")


def syllables(line: str) -> tuple[Syllable, ...]:
    """The syllables of a line, in order; never raises.

    What cannot be pronounced, or everything where the voice package is missing, becomes "la" as
    often as it seems to have syllables; a line without a letter or figure has none.
    """
    words = line.split()
    found: list[Syllable] = []
    for index, (word, phonemes) in enumerate(zip(words, _phonemes(line), strict=True)):
        if not any(sign.isalnum() for sign in word):
            continue
        parts = _parted(phonemes) if phonemes and is_latin(word) else []
        if _ONE_BREATH.search(word):
            parts = _joined(parts)
        parts = parts or [(1, ("l",), ("ɑ",), ())] * syllables_estimated(word)
        for letters, (stress, onset, nucleus, coda) in zip(
            pieces(word, len(parts)), parts, strict=True
        ):
            found.append(
                Syllable(
                    word=index,
                    text=letters,
                    stress=stress,
                    onset=onset,
                    nucleus=nucleus,
                    coda=coda,
                )
            )
    return tuple(found)


def is_available() -> bool:
    """Whether the voice package is here and holds the voice that this code knows."""
    try:
        return bool(model() and alphabet())
    except VoiceMissing:
        return False


def _phonemes(line: str) -> tuple[str, ...]:
    try:
        return spoken(line)
    except Exception:
        # Lyrics are anyone's text: whatever the rules stumble over is sung on "la".
        return ("",) * len(line.split())


_Part = tuple[int, tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def _parted(phonemes: str) -> list[_Part]:
    """Stress, onset, nucleus and coda of each syllable of one word's phonemes."""
    return [part for piece in re.split(r"[\s—-]+", phonemes) for part in _syllabified(piece)]


def _syllabified(phonemes: str) -> list[_Part]:
    signs, stresses = _signs(phonemes)
    if not signs:
        return []
    nuclei = [place for place, sign in enumerate(signs) if sign in _VOWELS]
    if not nuclei:
        return [_without_vowel(signs)]
    parts: list[_Part] = []
    start = 0
    for at, nucleus in enumerate(nuclei):
        following = nuclei[at + 1] if at + 1 < len(nuclei) else None
        end = len(signs) if following is None else _boundary(signs, nucleus, following)
        onset, coda = tuple(signs[start:nucleus]), tuple(signs[nucleus + 1 : end])
        parts.append((stresses.get(nucleus, 0), onset, (signs[nucleus],), coda))
        start = end
    return parts


def _signs(phonemes: str) -> tuple[list[str], dict[int, int]]:
    """The phonemes without marks, and the stress of those that carry one.

    A sonorant that closes an obstruent ("button") is given the vowel that singers give it.
    """
    signs: list[str] = []
    stresses: dict[int, int] = {}
    mark = 0
    bare = [sign for sign in phonemes if sign in _VOWELS | _CONSONANTS | _STRESS.keys()]
    for place, sign in enumerate(bare):
        if sign in _STRESS:
            mark = _STRESS[sign]
            continue
        after = bare[place + 1] if place + 1 < len(bare) else ""
        closes = sign in _SYLLABIC and not (after in _VOWELS or after in _STRESS)
        if closes and signs and signs[-1] in _OBSTRUENTS and _VOWELS & set(signs):
            signs.append("ᵊ")
        if sign in _VOWELS:
            stresses[len(signs)], mark = mark, 0
        signs.append(sign)
    return signs, stresses


def _without_vowel(signs: list[str]) -> _Part:
    """ "hmm" is sung on its m, "psst" on a vowel that it has not."""
    for place in range(len(signs) - 1, -1, -1):
        if signs[place] in _HUMMED:
            return 1, tuple(signs[:place]), (signs[place],), tuple(signs[place + 1 :])
    return 1, tuple(signs), ("ə",), ()


def _joined(parts: list[_Part]) -> list[_Part]:
    """ "fire" and "hour" are sung on one note."""
    if len(parts) < 2 or parts[-1][1] or parts[-1][2] != ("ə",) or parts[-2][2][0] not in "IW":
        return parts
    stress, onset, nucleus, _ = parts[-2]
    return [*parts[:-2], (stress, onset, nucleus, ("ə", *parts[-1][3]))]


def _boundary(signs: list[str], nucleus: int, following: int) -> int:
    """Where the next syllable begins: with as many consonants as a word could begin with."""
    for start in range(nucleus + 1, following):
        cluster = "".join(signs[start:following])
        if cluster in _CLUSTERS or (len(cluster) == 1 and cluster != "ŋ"):
            return start
    return following
