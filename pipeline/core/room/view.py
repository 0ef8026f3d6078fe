"""What the listening room shows. Texts are ready to be read; nothing is escaped for any format."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.purchase.attempt import State
from pipeline.core.wanted.album import AlbumId, SongId


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRoom:
    """One take of a song by one provider. Paths are URLs relative to the page.

    ``key`` tells it from the others of its song, ``digit`` is the key on a keyboard that it has.
    ``audio`` is None where no file lies there. ``gain`` is the factor that it is played with, so
    that all takes of the song sound equally loud: 1 for the quietest, None where that is not known.
    ``remarks`` say what a listener has to know of it, ``next_command`` moves it on where something
    is missing.
    """

    key: str
    digit: int | None
    name: str
    number: int
    is_sketch: bool
    state: State
    audio: str | None
    milliseconds: int
    length: str | None
    loudness: str | None
    gain: str | None
    quieter: str | None
    waveform: str | None
    cost: str
    findings: tuple[str, ...]
    remarks: tuple[str, ...]
    error: str | None
    next_command: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One line of what differs between takes: a cell a take, in their order, or one for all."""

    label: str
    cells: tuple[str, ...]

    @property
    def is_alike(self) -> bool:
        """Whether every take says the same."""
        return len(set(self.cells)) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the lyrics: ``name`` as its tag says it, None before the first one."""

    name: str | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SongRoom:
    """One song. ``pick`` is the manifest's; ``length`` is its picked take's.

    ``wordless`` says why there are no lyrics. ``earlier`` says what its takes cost besides.
    """

    id: SongId
    number: int
    title: str
    artist: str | None
    pick: int
    length: str | None
    standing: str | None
    takes: tuple[TakeRoom, ...]
    comparisons: tuple[Comparison, ...]
    prompt: str
    settings: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    wordless: str | None
    language: str | None
    earlier: str | None

    @property
    def has_audio(self) -> bool:
        """Whether any take can be heard."""
        return any(take.audio for take in self.takes)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingBar:
    """An album's money; ``parts`` are thousandths of its budget, None where it has none."""

    summary: str
    parts: tuple[tuple[str, int], ...] | None
    legend: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Takes that are not there for one reason: in words, and the command that moves them on."""

    words: str
    takes: tuple[str, ...]
    command: str | None

    @property
    def count(self) -> int:
        """How many takes they are."""
        return len(self.takes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleeve:
    """A cover for an album that has none: outlines of its songs, ``d`` of an SVG path each."""

    side: int
    outlines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The page of one album."""

    id: AlbumId
    title: str
    artist: str | None
    date: str | None
    language: str | None
    cover: str | None
    sleeve: Sleeve
    facts: tuple[str, ...]
    spending: SpendingBar
    missing: tuple[Missing, ...]
    songs: tuple[SongRoom, ...]
    files: tuple[tuple[str, str], ...]
    notes: str | None
    earlier: str | None

    @property
    def opened(self) -> SongId | None:
        """The song that lies open when the page is: the first that can be heard, else the first."""
        heard = (song.id for song in self.songs if song.has_audio)
        return next(heard, self.songs[0].id if self.songs else None)

    @property
    def is_playable(self) -> bool:
        """Whether any song can be heard."""
        return any(song.has_audio for song in self.songs)
