"""Structure tags of lyrics: how they are spelled, and what each is for."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """What a section is for; the API's fourteen structure tags."""

    INTRO = "intro"
    VERSE = "verse"
    PRE_CHORUS = "pre chorus"
    CHORUS = "chorus"
    POST_CHORUS = "post chorus"
    HOOK = "hook"
    INTERLUDE = "interlude"
    BRIDGE = "bridge"
    BREAK = "break"
    BUILD_UP = "build up"
    TRANSITION = "transition"
    INST = "inst"
    SOLO = "solo"
    OUTRO = "outro"


_ALIASES = {
    Kind.INTRO: "opening prelude introduction introducción introdução вступление vorspiel イントロ"
    " 前奏 fade-in",
    Kind.VERSE: "strophe rap couplet spoken spoken-word verso estrofa strofa vers куплет aメロ 主歌"
    " verses stanza",
    Kind.PRE_CHORUS: "prechorus pre-hook prehook lift climb pré-refrão pre-coro bメロ pre-refrain"
    " channel",
    Kind.CHORUS: "refrain coro estribillo drop refrão refrein ritornello refrän припев サビ 副歌"
    " 후렴 chorus-drop choruses",
    Kind.POST_CHORUS: "postchorus post-hook posthook tag vamp",
    Kind.HOOK: "chant hooks",
    Kind.INTERLUDE: "zwischenspiel проигрыш 間奏 间奏 intermezzo intermission interludio",
    Kind.BRIDGE: "middle-eight puente pont ponte brücke мост c-part cメロ",
    Kind.BREAK: "breakdown break-down pause",
    Kind.BUILD_UP: "buildup build riser rise",
    Kind.TRANSITION: "turnaround fill drum-fill",
    Kind.INST: "instrumental instrumental-break music riff",
    Kind.SOLO: "soli",
    Kind.OUTRO: "ending end coda fade-out finale nachspiel outtro концовка アウトロ 尾奏 cierre"
    " final",
}  # fmt: skip
_NAMES = {str(kind): kind for kind in Kind} | {
    name.replace("-", " "): kind for kind, names in _ALIASES.items() for name in names.split()
}
_TAG = re.compile(r"^[\s*_#>]*[\[【<{]([^\]】>}]{1,80})[\]】>}][\s*_:]*(.*)$")
# "Verse 1:" on a line of its own, or "**Chorus**": a tag without its brackets.
_BARE_TAG = re.compile(
    r"^[\s*_#>]*\(?([^\W\d_][\w -]{1,24}?\s*\d{0,2})\)?\s*(?:\(?x\s*\d+\)?)?[*_]*:?[*_]*\s*$"
)
_NUMBERS = r"one|two|three|four|five|six|i{1,3}|iv|v|first|second|third|last|final|double"
_MANNERS = rf"{_NUMBERS}|big|soft|quiet|guitar|piano|sax|drum|synth|instrumental|short|long|repeat"
# Names that stand alone on a line and are not sung.
_UNMISTAKABLE = frozenset(
    ["intro", "verse", "chorus", "prechorus", "pre chorus", "bridge", "outro", "interlude",
     "refrain", "instrumental", "post chorus"]
)  # fmt: skip
# What tells how the lines after it are sung, within the section that they are in.
_DIRECTION = re.compile(
    r"(?:(?:fe)?male|man|woman|boy|girl|voices?|vocals?|singers?|whisper\w*|softly|loud\w*|both|all"
    r"|everyone|together|choir|crowd|duet|ad-?libs?|harmon\w+|applause|cheers|laugh\w*|sighs?"
    r"|humming|falsetto|belt\w*|shout\w*)\b.*", re.I,
)  # fmt: skip


def tag_of(line: str) -> tuple[str, str] | None:
    """A line's tag and what is sung behind it; None for a line that is sung."""
    if found := _TAG.match(line):
        return found[1].strip(), found[2]
    bare = _BARE_TAG.match(line)
    if bare and (name := _bare_name(bare[1])):
        is_marked = line.lstrip().startswith(("#", "*")) or line.rstrip()[-1] in ":*)"
        if is_marked or bare[1][-1].isdigit() or name in _UNMISTAKABLE:
            return bare[1].strip(), ""
    return None


def _bare_name(tag: str) -> str | None:
    """The name in a tag that is one but for its number and manner; None for other words."""
    plain = _plain(tag.replace("8", "eight"))
    if plain not in _NAMES:
        plain = re.sub(rf"^(?:(?:{_MANNERS}) )+|(?: (?:{_NUMBERS}))+$", "", plain)
    return plain if plain in _NAMES else None


def _plain(tag: str) -> str:
    return " ".join(re.sub(r"[^\w ]|[\d_]", " ", tag.lower()).split())


def kind_of(tag: str) -> Kind | None:
    """The kind of a tag, whatever its number, case, hyphens or description; None if unknown."""
    words = re.split(r"[:,;|(/–—]|\s-\s", tag)[0].replace("8", "eight")
    plain = _plain(words)
    if plain in _NAMES:
        return _NAMES[plain]
    named = [
        kind
        for name, kind in sorted(_NAMES.items(), key=lambda pair: -len(pair[0]))
        if re.search(rf"\b{name}\b", plain)
    ]
    # "guitar solo", "piano interlude": the last word names, the longest of it counts.
    return named[0] if named else None


def is_direction(tag: str) -> bool:
    """Whether a tag names no section but says how the next lines are sung: "whispered", "both"."""
    return kind_of(tag) is None and _DIRECTION.fullmatch(_plain(tag)) is not None


def manner_of(tag: str | None) -> str:
    """What a tag says behind its name: "soft" of "Verse 2: soft"; empty if nothing."""
    parts = re.split(r"[:,;|(–—]|\s-\s", tag or "", maxsplit=1)
    return parts[1].strip(" )") if len(parts) > 1 else ""
