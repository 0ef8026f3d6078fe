"""Who sings, as a prompt says it."""

from __future__ import annotations

import re
from enum import StrEnum

from pipeline.sketch.hearing.words import Words


class Voice(StrEnum):
    """Who sings the lead."""

    FEMALE = "female"
    MALE = "male"
    CHOIR = "choir"
    DUET = "duet"  # he and she take turns, choruses together
    NONE = "none"


_VOICE_WORDS = r"vocals?|voices?|singing|singers?|vocalists?|lyrics|choirs?"
_INSTRUMENTAL = re.compile(
    r"\binstrumentals?\b(?!\s+(?:break|solo|section|bridge|intro|outro|interlude|passage"
    r"|arrangement"
    r"|part|hook|ending|opening|drop|textures?))", re.I,
)  # fmt: skip
_FEMALE = (
    r"female|wom[ae]n(?:'s)?|girls?|girl group|soprano|mezzo(?:-soprano)?|alto|contralto|diva"
    r"|songstress|chanteuse|her voice|lady"
)
_MALE = (
    r"male|m[ae]n(?:'s)?|guys?|baritone|tenor|bass voice|deep voice|crooner|his voice"
    r"|boy ?band|boys?|(?:voz|voces|voix|voce) (?:masculin[ao]s?|masculines?|maschil[ei])"
    r"|männliche (?:gesangs)?stimme"
)
_CHOIR = r"choirs?|choral|gospel choir|group vocals?|gang vocals?|chants?|chanted|ensemble vocals?"
_DUET = r"duets?|male and female|female and male|his and hers|call and response between"


def voice_in(words: Words) -> tuple[Voice, str | None]:
    """Who sings the lead, and the words that say so; a woman if none do."""
    if said := words.refuses(_VOICE_WORDS):
        return Voice.NONE, f"no {said}"
    singers = words.says(_DUET), words.says(_FEMALE), words.says(_MALE), words.says(_CHOIR)
    instrumental = _INSTRUMENTAL.search(words.wanted)
    if instrumental and not (any(singers) and words.says(r"vocals?|singing|singers?")):
        return Voice.NONE, instrumental[0]
    for voice, said in zip(
        (Voice.DUET, Voice.FEMALE, Voice.MALE, Voice.CHOIR), singers, strict=True
    ):
        if voice is Voice.FEMALE and said and singers[2]:
            return Voice.DUET, f"{said}, {singers[2]}"
        if said:
            return voice, said
    return Voice.FEMALE, None


def choir_in(words: Words) -> str | None:
    """The words that ask for a choir, if any do."""
    return words.says(_CHOIR)
