"""What an album lacks, in words, with the commands that move it on."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.room.view import Missing, SongRoom, TakeRoom

MOST_LINES = 8


def missing_takes(songs: Sequence[SongRoom]) -> tuple[Missing, ...]:
    """A line a reason and command, in track order; takes that can be heard are not among them."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for song in songs:
        for take in song.takes:
            if take.next_command is not None and take.audio is None:
                key = (take.remarks[0], take.next_command)
                found.setdefault(key, []).append(_name(song, take))
    lines = [
        Missing(words=words, takes=tuple(takes), command=command)
        for (words, command), takes in found.items()
    ]
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    rest = tuple(name for line in lines[MOST_LINES - 1 :] for name in line.takes)
    more = Missing(words="not there either", takes=rest, command="songmake status")
    return (*lines[: MOST_LINES - 1], more)


def _name(song: SongRoom, take: TakeRoom) -> str:
    return f"{song.id}#{take.number}"
