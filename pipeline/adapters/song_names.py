"""What can be named on a command line, read quickly out of manifests that need not be valid.

For completion: no schema, no lyrics files, no error. Of a file that is broken half-way, what comes
before counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LARGEST_BYTES = 4 << 20  # of a manifest; what lies beyond is not offered
MOST_TAKES = 99


@dataclass(slots=True, kw_only=True)
class SongNames:
    """A song's id, how many takes it has, and its tags."""

    id: str
    takes: int | None = None
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class AlbumNames:
    """An album's id and its songs in track order."""

    id: str
    songs: list[SongNames] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def names_in(path: Path) -> AlbumNames:
    """The names of one manifest; none of songs where it cannot be read."""
    album, default = AlbumNames(id=path.stem), SongNames(id="")
    for place, value in _scalars(path):
        match place:
            case ("songs", name) if value is None:
                album.songs.append(SongNames(id=name))
            case ("songs", _, key, *_) if value is not None and album.songs:
                _describe(album.songs[-1], key, value)
            case ("defaults", key, *_) if value is not None:
                _describe(default, key, value)
            case ("album", "id") if value is not None:
                album.id = value
    for song in album.songs:
        song.takes = song.takes or default.takes or 1
        song.tags = song.tags or default.tags
    return album


def _describe(song: SongNames, key: str, value: str) -> None:
    if key == "takes" and value.isdecimal():
        song.takes = min(int(value[:4]), MOST_TAKES)
    elif key == "tags":
        song.tags.append(value)


def _scalars(path: Path) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Every scalar value with the keys that lead to it; None where the last key itself is read."""
    import yaml

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    with suppress(OSError, ValueError, yaml.YAMLError), path.open("rb") as file:
        text = file.read(LARGEST_BYTES).decode("utf-8-sig", errors="ignore")
        keys: list[str | None] = []  # of the open mappings and lists; None where a key comes next
        lists: list[bool] = []
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.ScalarEvent):
                if keys and keys[-1] is None:
                    keys[-1] = event.value
                    yield _path(keys), None
                    continue
                yield _path(keys), event.value
                _close_value(keys, lists)
            elif isinstance(event, yaml.MappingStartEvent):
                keys.append(None)
                lists.append(False)
            elif isinstance(event, yaml.SequenceStartEvent):
                keys.append("")
                lists.append(True)
            elif isinstance(event, yaml.CollectionEndEvent):
                keys.pop()
                lists.pop()
                _close_value(keys, lists)
            elif isinstance(event, yaml.AliasEvent):
                _close_value(keys, lists)


def _path(keys: list[str | None]) -> tuple[str, ...]:
    return tuple(key for key in keys if key is not None)


def _close_value(keys: list[str | None], lists: list[bool]) -> None:
    if keys and not lists[-1]:
        keys[-1] = None
