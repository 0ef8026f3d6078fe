"""What each genre plays in a bar, as rows of sixteenths: drums, bass and two accompaniments.

Drums: ``X`` accent, ``x`` stroke, ``o`` soft, ``-`` ghost. Bass: ``r`` root, ``3 5 6 7 8`` degrees
above it, ``a`` a step into the next chord. Accompaniments: ``X x o`` the chord, ``r`` and ``5`` low
notes, ``0``-``4`` single notes of the voicing. ``=`` holds, ``.`` is silence.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.sketch.genres import Genre
from pipeline.sketch.hearing.pace import Meter

KICK, RIM, SNARE, CLAP = 36, 37, 38, 39
HAT, PEDAL, OPEN, CRASH, RIDE, SHAKER, TAMBOURINE = 42, 44, 46, 49, 51, 70, 54
TOM_LOW, TOM_MID, TOM_HIGH = 45, 47, 50
CONGA_HIGH, CONGA_LOW, COWBELL = 63, 64, 56

_PIECES = {
    "K": KICK, "R": RIM, "S": SNARE, "C": CLAP, "H": HAT, "P": PEDAL, "O": OPEN, "D": RIDE,
    "A": SHAKER, "J": TAMBOURINE, "L": TOM_LOW, "M": TOM_MID, "T": TOM_HIGH, "G": CONGA_HIGH,
    "N": CONGA_LOW, "B": COWBELL,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Groove:
    """One bar of 4/4 for everybody."""

    drums: dict[int, str]
    bass: str
    chords: str
    second: str


def _groove(drums: str, bass: str, chords: str, second: str) -> Groove:
    rows = (row.split(":") for row in drums.split())
    return Groove(
        drums={_PIECES[name]: row for name, row in rows}, bass=bass, chords=chords, second=second
    )


# Calm, for verses; lively, for choruses. No two genres share more than half of their strokes.
GROOVES: dict[Genre, tuple[Groove, Groove]] = {
    Genre.POP: (
        _groove("K:x.......x.x..... R:....x.......x... H:x.o.x.o.x.o.x.o.",
                "r=====..r===r.a.", "X=====..x===x===", "x===....x===...."),
        _groove("K:X..x..x...x..... S:....X.......X... C:....x.......x... H:x.o.x.o.x.o.x.oo",
                "r==r==r=r=5=8=a=", "X===x===x=x===x=", "..x=x.xx..x=x.xx"),
    ),
    Genre.FOLK: (
        _groove("K:x.........o..... A:o..-x..-o..-x.-o",
                "r=======..5=r=3=", "r.1.2.0.5.1.2.1.", "x=======o======="),
        _groove("K:X.......o..x.... R:....x.......x... A:x..oX..ox..oX..o J:....o.......o...",
                "r=====r=5===r=a=", "r.1.2.0.5.1.2.1.", "X===x=ox==ox=x=o"),
    ),
    Genre.COUNTRY: (
        _groove("K:x.......x....... S:-.-.o.-.-.-.o.-.",
                "r===....5===....", "r...x...5...x...", "....0.2.....1.2."),
        _groove("K:X...o...X...o... S:-ooox-oo-ooox-oo",
                "r===5===r===5=a=", "r...X.x.5...X.x.", "0.120.120.210.21"),
    ),
    Genre.BALLAD: (
        _groove("K:o............... R:........o....... D:o...-...o...-...",
                "r=======....5=r=", "r..0..1.2..1..0.", "r.....1.....2..."),
        _groove("K:X.........x..... S:........X....... D:x...o...x...o... J:......-.......-.",
                "r=========r=5=a=", "X=o=x=o=x=o=x=o=", "r..1..2.0..1..2."),
    ),
    Genre.CINEMATIC: (
        _groove("L:x.....o.........", "r=======8=======", "X===============",
                "0...2...1...2..."),
        _groove("L:X...x.x.X...x..x M:..-...-...-..-.- K:X...x...X...x...",
                "r=======r=======", "X===x=x.X=..X=xx", "0.1.2.1.3.1.2.1."),
    ),
    Genre.ROCK: (
        _groove("K:x.....x.x....... S:....x.......x... P:x...x...x...x...",
                "r=====r=r=====r=", "x=======x=====x=", "X=======x=====x="),
        _groove("K:X.....x.X.x...x. S:....X.......X... O:x.x.x.x.x.x.x.x.",
                "r.r.r.r.r.r.r.a.", "X=====X=..xxX=.x", "X...x.x.X...x.x."),
    ),
    Genre.METAL: (
        _groove("K:x.xx....x.xx.... S:........X....... O:x...x...x...x...",
                "rr.rr.rr.rr.r.r.", "XX.xX.xx.xX.x.x.", "X===X===x======="),
        _groove("K:XxxxX.xxXxxxX.xx S:....X.......X... D:X...x...X...x... M:...............o",
                "rr.rrr.rrr.rrr.a", "XxxxX===XxxxX===", "X=======x======="),
    ),
    Genre.BLUES: (
        _groove("K:x.......x....... R:....x.......x... D:o..xo..xo..xo..x",
                "r===3===5===6===", "....x=.x....x=.x", "x==.x==.x==.x==."),
        _groove("K:X.....o.x....... S:....X..-....X..- D:X..xX..xX..xX..x",
                "r==33==35==56==a", "..X=..x...X=..x.", "X..xX..xX..xX..x"),
    ),
    Genre.SOUL: (
        _groove("K:x..o......x..... R:....x.......x... J:..x...x...x...x.",
                "r====..58===..a=", "x======.....x===", "....x......x...."),
        _groove("K:X..x....-.x..x.. S:....X..-....X..- J:..x...x...x...x. P:x...x...x...x...",
                "r==r.8==7=5=.ra=", "X===..x=.x==x===", "..x...X...x...X."),
    ),
    Genre.FUNK: (
        _groove("K:x.....x...x..... S:....x..-.-..x... H:XoxoXoxoXoxoXoxo",
                "r..r......8.r.7.", "x..x..x...x..x..", "................"),
        _groove("K:X..x....X.-..x.. S:....X..-.-..X..- H:XoxoXoxoXoxoXo.. O:..............x.",
                "r=..r.8.r..7r.a.", "x...x.xx..x.x.x.", "X.....X......Xx."),
    ),
    Genre.REGGAE: (
        _groove("K:........x....... R:........x....... A:x...x...x...x...",
                "..r=..r=..5=r=..", "....x.......x...", "..o.o...o.o.o..."),
        _groove("K:........X....... S:........X....... H:x.oox.oox.oox.oo R:...o..o....o..o.",
                "r==.r=5=..8=5=..", "..X...X...X...X.", ".xo..xo..xo..xo."),
    ),
    Genre.LATIN: (
        _groove("K:x...x...x...x... R:...x..x....x..x.", "r==.....r==.....",
                "0..1..2.0..1..2.", "................"),
        _groove("K:X...X...X...X... S:...x..X....x..X. G:x.-.x.xx-.x.x.-. B:x.....x.....x...",
                "r==r==r.8==r==5.", "...X..x....X..x.", "....X......xX..x"),
    ),
    Genre.BOSSA: (
        _groove("K:x.....o.x.....o. R:x..x..x...x..x.. A:x.-.x.-.x.-.x.-.",
                "r=====5=5=====r=",
                "r.X.r.Xxr.X..X..", "................"),
        _groove("K:x.....xox.....xo R:..x..x...x..x..x A:XoxoXoxoXoxoXoxo",
                "r=====5rr=====ra", "r.xX..X.r..X.xX.", "X==...x==...x==."),
    ),
    Genre.JAZZ: (
        _groove("K:-.......-....... P:....o.......o... D:x...x.o.x...x.o.",
                "r=======3===5===", "x==...x.........", "................"),
        _groove("P:....x.......x... D:X...x.x.x...X.x. S:......-...-....-",
                "r===3===5===a===", "x==...x=....x=..", "..o...o.x...o..."),
    ),
    Genre.LOFI: (
        _groove("K:x......o..x..... S:....o.......o..- H:o..o..o.o..o..o.",
                "r=====....5===..", "x======x========", "0.....2...1....."),
        _groove("K:X......x..x..o.. S:....X.......X..- H:o..xo.x.o..xo.x.",
                "r====.r=..8==5a=", "x======X....x===", "0..2..1..3..2.1."),
    ),
    Genre.TRAP: (
        _groove("K:x.........x..... C:........x....... H:x..x.xx..x.x.xxx",
                "r========.r=====", "2...1...0...1.2.", "................"),
        _groove("K:X.....x...x..x.. C:........X....... H:xx..xx.xxx..xxxx O:......x.........",
                "r=====r===8==r==", "2.1.0...2.1.3...", "0...........2.1."),
    ),
    Genre.HOUSE: (
        _groove("K:X...X...X...X... H:X...X...X...X... O:..-...-...-...-.", "..r...r...r...8.",
                "...X=......X=...", "................"),
        _groove("K:X...X...X...X... C:....X.......X... O:..o...o...o...o. H:X...X...X...X...",
                "..r..rr...r..58.", "x..x..x.X..x..x.", "0.1.2.3.2.1.3.2."),
    ),
    Genre.DRUM_AND_BASS: (
        _groove("K:x.x.......x..... S:....x.......x... H:..o...o...o...oo",
                "r=========8=5===", "X=======..X=====", "................"),
        _groove("K:X.x.......x..... S:....X..-.-..X..- D:x...o...x...o... A:..x...x...x...x.",
                "r==..r==..8===..", "X===============", "0123010201230102"),
    ),
    Genre.SYNTHWAVE: (
        _groove("K:x.......x....... C:....o.......o... P:..o...o...o...o.", "r.r.r.r.r.r.r.r.",
                "0.1.2.1.3.1.2.1.", "................"),
        _groove("K:X.......X..x.... S:....X.......X... A:..xx..xx..xx..xx L:.............x.x",
                "r.rr8.rrr.rr8.rr", "0123210401232104", "X=====x=..x====="),
    ),
    Genre.AMBIENT: (
        _groove("A:....-.......-.-.", "r===============", "2.....0.....1...",
                "X==============="),
        _groove("K:o............... A:o.-.o.-.o.-.o.-.", "r===========5===",
                "0...2.1...3...1.", "X==============="),
    ),
}  # fmt: skip


def in_three(row: str) -> str:
    """A bar of 4/4 as a bar of 3/4: its first, second and last beat."""
    return row[:8] + row[12:]


def in_six(row: str) -> str:
    """A bar of 4/4 as a bar of 6/8: each half in three eighths, with a stroke on each beat."""
    return _in_three_eighths(row[:8], row) + _in_three_eighths(row[8:], row)


def _in_three_eighths(half: str, row: str) -> str:
    signs = [_strongest(half[first:last]) for first, last in ((0, 2), (2, 5), (5, 8))]
    strokes = [sign for sign in signs if sign not in ".="]
    if signs[0] == "." and strokes and row[0] not in ".=":
        # What begins on its beat in 4/4 does so here; what plays against it goes on to do that.
        signs[signs.index(strokes[0])] = "="
        signs[0] = strokes[0]
    return "".join(sign + ("." if sign == "." else "=") for sign in signs)


def _strongest(signs: str) -> str:
    """The first stroke of a few places, else a note held over, else silence."""
    return min(signs, key=lambda sign: {"=": 1, ".": 2}.get(sign, 0))


_PICKED = ("r.1.2.0.5.1.2.1.", "r.0.2.1.5.0.1.2.", "r..1.2.05..2.1.0", "r.2.1.2.0.2.1.2.")
_ARPEGGIOS = ("0.1.2.3.2.1.0.1.", "3.2.1.0.1.2.3.2.", "0.2.1.3.0.2.1.3.", "0..1..2.3..2..1.")
_STRUMS = ("X===x=o.x=x=o.x=", "X=====x=..x=x=o=", "X=..x=x.X=..x=xo", "x===X===x=o=X=o=")
_CHORDAL = frozenset({"strum", "skank", "drive", "organ", "brass", "stab", "clav"})
_SINGLE = frozenset({"finger", "harp", "arp", "pluck", "bell"})


def row_for(instrument: str, slot: int, style_genre: Genre, custom: str, groove: Groove) -> str:
    """What an instrument plays in the first or second place.

    The genre's row where it is the genre's own instrument or can play it; else one that lies well
    on the instrument, by genre.
    """
    row = (groove.chords, groove.second)[slot]
    if instrument == custom and row.strip("."):
        return row
    has_figures = any(sign.isdigit() for sign in row)
    turn = list(Genre).index(style_genre) % 4
    if instrument in _SINGLE and not has_figures:
        return _PICKED[turn] if instrument in ("finger", "harp") else _ARPEGGIOS[turn]
    if (instrument in _CHORDAL and has_figures) or not row.strip("."):
        return _STRUMS[turn]
    return row


def at_meter(row: str, meter: Meter) -> str:
    """A row of 4/4 as a bar of another metre."""
    match meter:
        case Meter.THREE:
            return in_three(row)
        case Meter.SIX:
            return in_six(row)
        case Meter.NINE:
            return in_six(row) + in_six(row)[6:]
        case Meter.TWELVE:
            return in_six(row) * 2
        case Meter.FIVE:
            return row + row[8:12]
        case Meter.SEVEN:
            return row[:14]
        case _:
            return row
