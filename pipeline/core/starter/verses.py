"""Words to begin with: verses, choruses and moods that go together in any order."""

from __future__ import annotations

from typing import NamedTuple

MOST_SONGS = 50  # each pairs words and mood as no other does

TITLES = ("Paper Boats", "Borrowed Bicycle", "Only Raining", "Last One Awake")

_VERSES = (
    """
Fold the morning paper over
Press the corners, press the seam
Set it where the gutter gathers
Rain will make the street a stream
""",
    """
Left the key beneath the saddle
Left a note that I was gone
Seven hills and one good tailwind
Half the county sleeping on
""",
    """
Kettle hums the line I'm missing
Window writes the room in grey
Someone's radio is playing
What we danced to yesterday
""",
    """
Streets are folding up their corners
Trams are counting down to four
I have read the same page over
I have listened at the door
""",
)
_CHORUSES = (
    """
Go, little boat, round the bend
Carry my name to the river's end
Tell the sea I'll come in time
Tell the sea it's only mine
""",
    """
Ring the bell and let it roll
Down the hill and past the toll
I'll be back before you know
Let me have a mile to go
""",
    """
Stay a while, it's only raining
Stay until the streets are dry
We have nothing worth explaining
We have half a piece of pie
""",
    """
Leave a light, leave a light
I'm the last one awake tonight
Leave a word, leave it low
Leave it on the radio
""",
)
_MOODS = (
    "close female vocal, hopeful, quiet verses, fuller in the chorus",
    "driving and bright, male vocal, handclaps, wide chorus with harmonies",
    "gentle and wistful, soft female vocal, sparse, slower than the others",
    "late at night, warm baritone, small band, a chorus to sing along to",
)


class Words(NamedTuple):
    """What one song sounds like and sings; ``lyrics`` ends with its last line."""

    title: str
    mood: str
    lyrics: str


def words_of(number: int) -> Words:
    """The words of the ``number``-th song, from 1; no two of ``MOST_SONGS`` are the same."""
    place, turn = (number - 1) % 4, (number - 1) // 4
    verse, chorus = _VERSES[place], _CHORUSES[(place + turn) % 4]
    return Words(
        title=TITLES[number - 1] if number <= len(TITLES) else f"Song {number}",
        mood=_MOODS[(place + turn // 4) % 4],
        lyrics=f"[Verse]{verse}[Chorus]{chorus}".rstrip("\n"),
    )
