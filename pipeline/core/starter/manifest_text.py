"""The manifest of a first album, with comments for somebody who has never seen one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.core.starter.names import song_ids
from pipeline.core.starter.scalar import scalar_of
from pipeline.core.starter.verses import words_of

TAKES_OF_THE_FIRST = 2  # so that there is something to choose between

HEAD = """\
# yaml-language-server: $schema={schema}
#
# An album for songmake. Change what you like, then
#   songmake plan      says what that would do, and for how much,
#   songmake render    does it.
# A line says what changing it costs. Nothing is bought while the provider is sketch.

album:
  # Titles and names are free to change at any time.
  title: {title}
  artist: {artist}
{language}
# sketch makes free drafts on this machine; aimlapi buys real recordings.
provider: sketch

# The most that this album may ever cost, in US dollars, all takes together.
budget_usd: {budget}

# What every song has unless it says otherwise.
defaults:
  model: minimax/music-2.6
  # Renderings of each song to choose from. Every one is bought.
  takes: 1

# Sounds with a name, for songs to share: genre, tempo, key, instruments.
# Changing one buys every song that uses it anew.
styles:
  house: {style}

# A song's key is its permanent id; the order here is the order of the tracks.
songs:
"""

FIRST = """\
  {id}:
    # Free to change.
    title: {title}
    style: house
    # What only this song sounds like: mood, voice, how it grows. Changing a
    # word buys the song anew, and so does a word of its lyrics.
    prompt: {prompt}
    # Two takes of this song: listen to both …
    takes: 2
    # … and say which one is the track. Free to change.
    pick: 1
{own}    # Words in square brackets are directions, everything else is sung.
    lyrics: |
{lyrics}
"""

OTHER = """\

  {id}:
    title: {title}
    style: house
    prompt: {prompt}
    lyrics: |
{lyrics}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlbum:
    """What is known of an album that is to be written.

    ``titles`` are its songs', as far as they are known; ``song_count`` is how many there are.
    ``sung_in`` is the English name of ``language``, a language tag, if it has one here.
    """

    title: str
    artist: str
    style: str
    song_count: int
    titles: tuple[str, ...] = ()
    language: str | None = None
    sung_in: str | None = None

    @property
    def take_count(self) -> int:
        """How many takes the manifest asks for."""
        return self.song_count + TAKES_OF_THE_FIRST - 1


def budget_usd(album: NewAlbum, price_usd: Decimal) -> Decimal:
    """Whole dollars that buy every take twice: one change of mind each."""
    return max(Decimal(1), (2 * album.take_count * price_usd).to_integral_value("ROUND_CEILING"))


def manifest_text(album: NewAlbum, *, schema: str, price_usd: Decimal) -> str:
    """The manifest's YAML. ``schema`` is the path of its JSON Schema as seen from it."""
    language = f"  language: {scalar_of(album.language)}\n" if album.language else ""
    head = HEAD.format(
        schema=schema,
        title=scalar_of(album.title),
        artist=scalar_of(album.artist),
        language=language,
        budget=f"{budget_usd(album, price_usd):.2f}",
        style=scalar_of(album.style),
    )
    return head + "".join(_songs(album))


def _songs(album: NewAlbum) -> Iterator[str]:
    words = [words_of(number) for number in range(1, album.song_count + 1)]
    titles = [*album.titles, *(each.title for each in words[len(album.titles) :])]
    suffix = f", sung in {album.sung_in}" if album.sung_in else ""
    for song_id, title, each in zip(song_ids(titles), titles, words, strict=True):
        yield (FIRST if each is words[0] else OTHER).format(
            id=scalar_of(song_id),
            title=scalar_of(title),
            prompt=scalar_of(each.mood + suffix),
            own=_note_about_words(album),
            lyrics="\n".join(f"      {line}" for line in each.lyrics.split("\n")),
        )


def _note_about_words(album: NewAlbum) -> str:
    if album.language is None or album.language.partition("-")[0].lower() == "en":
        return ""
    name = album.sung_in or album.language
    return f"    # These words are English: put your own in, in {name}.\n"
