"""Albums of any size: songs of the usual keys, with about 1,200 characters of lyrics each."""

from __future__ import annotations

from collections.abc import Iterator

_VERSE = (
    "Streetlights flicker and the night breeze sighs",
    "A kettle sings to nobody in particular",
    "We count the windows where a lamp is burning",
    "And every one of them could be a morning",
    "The river keeps the colour of the station",
    "Somebody hums a tune that has no ending",
    "I fold the map along the line of leaving",
    "And find the street where you were always waiting",
)
_PARTS = ("[Verse]", "[Chorus]", "[Verse]")


def album_yaml(songs: int) -> str:
    """A valid manifest with ``songs`` songs; each has a request of its own."""
    return "".join(_lines(songs))


def _lines(songs: int) -> Iterator[str]:
    yield "album:\n  title: Ten Thousand Windows\n  artist: The Night Bus\n  year: 2026\n"
    yield "provider: aimlapi\n"
    yield "defaults:\n  model: minimax/music-2.6\n"
    yield "  audio: {format: mp3, sample_rate: 44100, bitrate: 256000}\n"
    yield "styles:\n  cafe: warm indie folk, 92 BPM, key of A minor, soft drums\nsongs:\n"
    for number in range(songs):
        yield _song(number)


def _song(number: int) -> str:
    lyrics = "".join(f"      {line}\n" for line in _lyrics(number))
    return (
        f"  window-{number:05d}:\n"
        f"    title: Window {number}\n"
        "    style: cafe\n"
        f"    prompt: female vocal, builds in the chorus, window {number} of the house\n"
        "    tags: [night, house]\n"
        "    lyrics: |\n"
        f"{lyrics}"
    )


def _lyrics(number: int) -> Iterator[str]:
    for at, part in enumerate(_PARTS):
        yield part
        for line in range(len(_VERSE)):
            yield f"{_VERSE[(line + number + at) % len(_VERSE)]} {number}"
