"""The genres that the engine knows, and what each brings along when the prompt is silent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pipeline.sketch.theory import Mode


class Genre(StrEnum):
    """Families of pattern; other names of genres are heard as the nearest of them."""

    POP = "pop"
    FOLK = "folk"
    COUNTRY = "country"
    BALLAD = "ballad"
    CINEMATIC = "cinematic"
    ROCK = "rock"
    METAL = "metal"
    BLUES = "blues"
    SOUL = "soul"
    FUNK = "funk"
    REGGAE = "reggae"
    LATIN = "latin"
    BOSSA = "bossa nova"
    JAZZ = "jazz"
    LOFI = "lofi"
    TRAP = "trap"
    HOUSE = "house"
    DRUM_AND_BASS = "drum and bass"
    SYNTHWAVE = "synthwave"
    AMBIENT = "ambient"


class Drums(StrEnum):
    """How much kit there may be."""

    NONE = "none"
    SOFT = "soft"
    FULL = "full"


class Arrival(StrEnum):
    """How the band gets into a stronger part, in the last bar before it."""

    FILL = "fill"  # over the drums
    ROLL = "roll"  # a snare that comes nearer
    STOP = "stop"  # all but the singer fall silent for half a bar
    EASE = "ease"  # two soft strokes, or none


@dataclass(frozen=True, slots=True, kw_only=True)
class GenreTraits:
    """Customs of a genre."""

    bpm: int
    mode: Mode
    drums: Drums
    comping: tuple[str, str]
    pad: str | None
    bass: str
    solo: str  # the instrument that plays the tune where nobody sings
    intro_bars: int = 4
    outro_bars: int = 4
    turnaround_bars: int = 0  # played after a chorus
    arrival: Arrival = Arrival.FILL
    loop: str = "song"  # which bank of harmony
    has_sevenths: bool = False
    swing_eighth: int = 0  # ticks by which an off-beat eighth comes late, of 240
    swing_sixteenth: int = 0  # ticks by which an odd sixteenth comes late, of 120
    is_electronic: bool = False
    starts_with_drums: bool = False  # in the intro
    reverb: float = 1.0  # factor on every send


_FULL, _SOFT = Drums.FULL, Drums.SOFT
GENRES: dict[Genre, GenreTraits] = {
    Genre.POP: GenreTraits(
        bpm=108, mode=Mode.MAJOR, drums=_FULL, comping=("piano", "strum"), pad="pad",
        bass="finger", solo="synth", arrival=Arrival.ROLL,
    ),
    Genre.FOLK: GenreTraits(
        bpm=96, mode=Mode.MAJOR, drums=_SOFT, comping=("finger", "strum"), pad="strings",
        bass="finger", solo="flute", swing_sixteenth=8, outro_bars=3,
        arrival=Arrival.EASE, turnaround_bars=1,
    ),
    Genre.COUNTRY: GenreTraits(
        bpm=112, mode=Mode.MAJOR, drums=_FULL, comping=("strum", "finger"), pad=None,
        bass="finger", solo="strings", turnaround_bars=2, outro_bars=2,
        arrival=Arrival.FILL, intro_bars=2,
    ),
    Genre.BALLAD: GenreTraits(
        bpm=72, mode=Mode.MAJOR, drums=_SOFT, comping=("piano", "finger"), pad="strings",
        bass="finger", solo="strings", reverb=1.25,
        arrival=Arrival.EASE, intro_bars=2, outro_bars=5,
    ),
    Genre.CINEMATIC: GenreTraits(
        bpm=84, mode=Mode.MINOR, drums=_FULL, comping=("strings", "piano"), pad="pad",
        bass="finger", solo="strings", reverb=1.5, intro_bars=8, loop="epic", outro_bars=6,
        arrival=Arrival.ROLL,
    ),
    Genre.ROCK: GenreTraits(
        bpm=124, mode=Mode.MINOR, drums=_FULL, comping=("strum", "drive"), pad="organ",
        bass="pick", solo="lead guitar", reverb=0.8, outro_bars=2, loop="rock",
        arrival=Arrival.FILL,
    ),
    Genre.METAL: GenreTraits(
        bpm=150, mode=Mode.MINOR, drums=_FULL, comping=("drive", "strum"), pad=None,
        bass="pick", solo="lead guitar", reverb=0.7, intro_bars=8, outro_bars=2, loop="dark",
        turnaround_bars=4, arrival=Arrival.STOP,
    ),
    Genre.BLUES: GenreTraits(
        bpm=92, mode=Mode.MAJOR, drums=_FULL, comping=("piano", "strum"), pad="organ",
        bass="upright", solo="lead guitar", swing_eighth=76, loop="blues",
        turnaround_bars=2, outro_bars=3, arrival=Arrival.STOP,
    ),
    Genre.SOUL: GenreTraits(
        bpm=96, mode=Mode.MAJOR, drums=_FULL, comping=("epiano", "organ"), pad="strings",
        bass="finger", solo="organ lead", has_sevenths=True, swing_sixteenth=16, loop="soul",
        arrival=Arrival.STOP, intro_bars=2, outro_bars=6,
    ),
    Genre.FUNK: GenreTraits(
        bpm=106, mode=Mode.MINOR, drums=_FULL, comping=("clav", "brass"), pad=None,
        bass="pick", solo="brass lead", has_sevenths=True, swing_sixteenth=10, loop="vamp",
        starts_with_drums=True, intro_bars=4, turnaround_bars=4, reverb=0.7, arrival=Arrival.STOP,
    ),
    Genre.REGGAE: GenreTraits(
        bpm=76, mode=Mode.MAJOR, drums=_FULL, comping=("skank", "organ"), pad=None,
        bass="upright", solo="brass lead", swing_sixteenth=14, loop="two", reverb=1.2,
        arrival=Arrival.FILL, intro_bars=2, turnaround_bars=4,
    ),
    Genre.LATIN: GenreTraits(
        bpm=94, mode=Mode.MINOR, drums=_FULL, comping=("pluck", "strum"), pad="brass",
        bass="synth", solo="flute", loop="song", starts_with_drums=True, intro_bars=4, outro_bars=2,
        arrival=Arrival.ROLL, turnaround_bars=2,
    ),
    Genre.BOSSA: GenreTraits(
        bpm=132, mode=Mode.MAJOR, drums=_SOFT, comping=("finger", "epiano"), pad="strings",
        bass="upright", solo="flute", has_sevenths=True, loop="jazz", turnaround_bars=4,
        intro_bars=8, arrival=Arrival.EASE,
    ),
    Genre.JAZZ: GenreTraits(
        bpm=126, mode=Mode.MAJOR, drums=_FULL, comping=("piano", "finger"), pad=None,
        bass="upright", solo="brass lead", has_sevenths=True, swing_eighth=76, loop="jazz",
        turnaround_bars=2, arrival=Arrival.FILL, intro_bars=6,
    ),
    Genre.LOFI: GenreTraits(
        bpm=78, mode=Mode.MINOR, drums=_FULL, comping=("epiano", "finger"), pad="pad",
        bass="finger", solo="flute", has_sevenths=True, swing_sixteenth=26, loop="jazzy",
        reverb=0.9, arrival=Arrival.STOP, intro_bars=6, outro_bars=3,
    ),
    Genre.TRAP: GenreTraits(
        bpm=140, mode=Mode.MINOR, drums=_FULL, comping=("bell", "pluck"), pad="pad",
        bass="sub", solo="flute", is_electronic=True, loop="dark", starts_with_drums=True,
        intro_bars=8, outro_bars=8, arrival=Arrival.STOP,
    ),
    Genre.HOUSE: GenreTraits(
        bpm=122, mode=Mode.MINOR, drums=_FULL, comping=("stab", "arp"), pad="pad",
        bass="synth", solo="synth", has_sevenths=True, is_electronic=True, swing_sixteenth=10,
        starts_with_drums=True, intro_bars=8, outro_bars=8, turnaround_bars=8, arrival=Arrival.ROLL,
    ),
    Genre.DRUM_AND_BASS: GenreTraits(
        bpm=172, mode=Mode.MINOR, drums=_FULL, comping=("pad", "arp"), pad="strings",
        bass="sub", solo="synth", is_electronic=True, intro_bars=8, outro_bars=4,
        turnaround_bars=8, loop="two", arrival=Arrival.ROLL,
    ),
    Genre.SYNTHWAVE: GenreTraits(
        bpm=104, mode=Mode.MINOR, drums=_FULL, comping=("arp", "brass"), pad="pad",
        bass="synth", solo="synth", is_electronic=True, reverb=1.3, intro_bars=6,
        arrival=Arrival.ROLL, outro_bars=6, turnaround_bars=4,
    ),
    Genre.AMBIENT: GenreTraits(
        bpm=70, mode=Mode.MAJOR, drums=Drums.NONE, comping=("bell", "pad"), pad="strings",
        bass="sub", solo="flute", is_electronic=True, reverb=1.8, loop="still", intro_bars=6,
        outro_bars=8, arrival=Arrival.EASE,
    ),
}  # fmt: skip

_WORDS: tuple[tuple[Genre, str], ...] = (
    (Genre.DRUM_AND_BASS, r"drum ?(?:and|&|n|'n'|\+) ?bass|drum'n'bass|dnb|d&b|d'n'b|jungle"
    r"|breakbeats?|neuro-?funk|liquid funk"),
    (Genre.SYNTHWAVE, r"synth-?wave|retro-?wave|vapor-?wave|80s|eighties|new wave|synth-?pop"
    r"|dark-?wave|outrun|electro-?pop|city pop|italo[- ]disco|chip-?tunes?|8-bit|ebm"),
    (Genre.LOFI, r"lo-?fi|chill-?hop|boom[ -]bap|chill-?wave|trip-?hop|hip[- ]?hop|rap(?:per|ped)?"
    r"|study beats?|down-?tempo"),
    (Genre.TRAP, r"trap|drill|phonk|808s?|dub-?step|grime|cloud rap|bass music"),
    (Genre.HOUSE, r"(?:deep |tech |progressive |acid )?house|techno|edm|trance|disco|dance|club"
    r"|electro\w*|garage|eurodance|euro-?beat|hard-?style|rave|big room|idm"),
    (Genre.BOSSA, r"bossa(?:[ -]?nova)?|samba|mpb"),
    (Genre.LATIN, r"reggaet[oó]n|latin\w*|salsa|cumbia|dembow|bachata|mambo|flamenco|tango|rumba"
    r"|afro-?beats?|afro-?pop|amapiano|merengue|mariachi|soca|cha-?cha(?:-cha)?|highlife"),
    (Genre.REGGAE, r"reggae|dub|ska|rocksteady|dance-?hall"),
    (Genre.JAZZ, r"jazz\w*|swing|be-?bop|big band|crooner|lounge|dixieland|ragtime|gypsy swing"),
    (Genre.BLUES, r"blues|bluesy|boogie(?:-woogie)?"),
    (Genre.FUNK, r"funk\w*|nu-?disco"),
    (Genre.SOUL, r"soul\w*|r ?& ?b|rnb|r'n'b|gospel|motown|neo-?soul|doo-?wop"),
    (Genre.METAL, r"(?:heavy |death |black |thrash |doom |power |nu-?)?metal\w*|djent|hard-?core"
    r"|thrash|industrial"),
    (Genre.ROCK, r"rock\w*|punk\w*|grunge|shoegaze|emo|brit-?pop|rockabilly|surf|garage rock"),
    (Genre.COUNTRY, r"country|bluegrass|americana|honky-?tonk|western|hoedown|polka"),
    (Genre.FOLK, r"folk\w*|singer-?songwriter|acoustic|celtic|campfire|(?:sea )?shant(?:y|ies)"
    r"|irish|chanson|klezmer|balkan|jig|carol"),
    (Genre.AMBIENT, r"ambient|drone|atmospheric|meditat\w*|new age|soundscapes?|ethereal"),
    (Genre.CINEMATIC, r"cinematic|orchestral|soundtrack|film score|trailer|classical|symphon\w*"
    r"|epic|baroque|march(?:ing band)?"),
    (Genre.BALLAD, r"(?:power )?ballads?|lullab(?:y|ies)|solo piano|piano|waltz|torch song"
    r"|musical theat(?:re|er)|broadway|show tune"),
    (Genre.POP, r"\w*pop|indie|alternative|bedroom|anthem\w*"),
)  # fmt: skip
_BALLAD_BPM = 66
# Kinds within a family that are played at another tempo.
_TEMPOS: tuple[tuple[str, int], ...] = (
    (r"techno|eurodance|rave|big room", 130), (r"trance", 138), (r"disco", 118),
    (r"garage|hard-?style", 132), (r"euro-?beat", 154), (r"jungle|breakbeats?", 164),
    (r"boom[ -]bap|hip[- ]?hop|rap\w*", 90), (r"trip-?hop|down-?tempo", 84),
    (r"dub-?step|drill|grime", 141), (r"phonk", 132), (r"samba", 100),
    (r"salsa|mambo|merengue|soca", 180), (r"bachata|flamenco|tango|cha-?cha\S*", 124),
    (r"afro-?\w+|highlife", 106), (r"amapiano", 112), (r"ska", 152), (r"dance-?hall", 96),
    (r"swing|big band|gypsy swing|ragtime", 144), (r"be-?bop", 190), (r"lounge|crooner", 96),
    (r"boogie\S*", 132), (r"gospel", 84), (r"motown", 112), (r"doo-?wop", 76),
    (r"thrash\w*(?: metal)?|hard-?core", 180), (r"doom metal", 66), (r"industrial", 124),
    (r"black metal|death metal|power metal", 170), (r"punk\w*|rockabilly|surf", 164),
    (r"shoegaze|grunge", 112), (r"bluegrass|hoedown|polka", 132), (r"sea shant\w+|jig", 112),
    (r"march\w*(?: band)?", 116), (r"waltz", 92), (r"lullab\w+", 66), (r"synth-?pop", 116),
    (r"vapor-?wave", 84), (r"city pop|electro-?pop", 112), (r"chip-?tunes?|8-bit", 140),
)  # fmt: skip
# Words that are moods or instruments as often as genres.
_WEAK = frozenset({
    "piano", "acoustic", "waltz", "dance", "atmospheric", "ethereal", "epic", "western",
    "electronic", "electro", "drone", "orchestral", "classical", "club", "80s", "eighties", "808",
    "808s", "soulful", "rapper", "rapped", "rap", "crooner", "swing", "swinging", "surf", "march",
    "jig", "carol", "anthemic", "anthem", "bluesy", "garage", "rave", "lounge", "baroque",
})  # fmt: skip


def genre_of(prompt: str) -> tuple[Genre, str | None]:
    """The genre that the prompt names and its word; pop and None if there is none.

    A whole style goes before an instrument or a mood, any other before pop, and the first of two.
    """
    named = [
        (found[0].lower() in _WEAK, genre is Genre.POP, found.start(), place, found[0])
        for place, (genre, words) in enumerate(_WORDS)
        for found in re.finditer(rf"(?<!\w)(?:{words})(?!\w)", prompt, re.I)
        if not re.search(r"\b(?:no|not|without|nor)\s+(?:\w+\s+)?$", prompt[: found.start()], re.I)
    ]
    if not named:
        return Genre.POP, None
    _, _, _, place, said = min(named)
    return _WORDS[place][0], said


def usual_bpm(genre: Genre, said: str | None, prompt: str) -> int:
    """The tempo of a genre, or of the kind of it that the word names; a ballad of it is slow."""
    kinds = (bpm for words, bpm in _TEMPOS if said and re.fullmatch(words, said, re.I))
    bpm = next(kinds, GENRES[genre].bpm)
    if genre is not Genre.BALLAD and re.search(r"\bballads?\b", prompt, re.I):
        return min(bpm, max(_BALLAD_BPM, round(0.66 * bpm)))
    return bpm
