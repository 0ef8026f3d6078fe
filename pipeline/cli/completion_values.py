"""What a shell may offer for manifests, selections and takes. Reads manifests, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from pipeline.adapters.song_names import AlbumNames, names_in

SUFFIXES = (".yaml", ".yml")
MANIFESTS = Path("manifests")
STATES = (
    "planned", "intent", "submitted", "ready", "stored", "published", "failed", "rejected",
    "in_doubt", "lost", "superseded",
)  # fmt: skip
MOST = 500  # more than that nobody reads


def manifests(ctx: click.Context, param: click.Parameter, word: str) -> list[CompletionItem[str]]:
    """Manifests of the folder that is being typed and of those in it, else the shell's files."""
    named = {str(path) for path in ctx.params.get(param.name or "") or ()}
    found = [text for text in _manifest_files(word) if text not in named]
    return [CompletionItem(text) for text in found] or [CompletionItem(word, type="file")]


def selections(ctx: click.Context, param: click.Parameter, word: str) -> list[CompletionItem[str]]:
    """Songs, tags, and as soon as somebody asks for them takes, albums and states."""
    albums = _albums(ctx)
    tags = (f"tag:{tag}" for album in albums for song in album.songs for tag in song.tags)
    offered = [*_songs(albums), *tags]
    if word:
        offered += [*_takes(albums, word), *(f"state:{state}" for state in STATES)]
    return _matching(offered, word, len(albums) > 1)


def takes(ctx: click.Context, param: click.Parameter, word: str) -> list[CompletionItem[str]]:
    """Every ``song#take``; else the shell's files, for a command that takes some too."""
    albums = _albums(ctx)
    found = _matching([*_takes(albums, "#")], word, len(albums) > 1)
    return found or [CompletionItem(word, type="file")]


def _matching(offered: Sequence[str], word: str, is_crowded: bool) -> list[CompletionItem[str]]:
    """``album/song`` is for those who have begun to type it, or where one word means two songs."""
    found = dict.fromkeys(text for text in offered if text.startswith(word))
    if not word or not is_crowded:
        found = {text: None for text in found if "/" not in text}
    return [CompletionItem(text) for text in list(found)[:MOST]]


def _songs(albums: Sequence[AlbumNames]) -> Iterator[str]:
    for album in albums:
        for song in album.songs:
            yield song.id
            yield f"{album.id}/{song.id}"


def _takes(albums: Sequence[AlbumNames], word: str) -> Iterator[str]:
    """Takes, once ``#`` or the whole song is there."""
    for album in albums:
        for song in album.songs:
            for name in (song.id, f"{album.id}/{song.id}"):
                if "#" in word or (word == name and (song.takes or 1) > 1):
                    yield from (f"{name}#{number}" for number in range(1, (song.takes or 1) + 1))


def _albums(ctx: click.Context) -> list[AlbumNames]:
    """The albums that the command names already, or the default folder's."""
    typed = (word for word in ctx.obj or () if word.endswith((*SUFFIXES, "/")))
    named: Any = ctx.params.get("manifests") or tuple(typed) or (MANIFESTS,)
    files = [path for text in named for path in _manifests_at(Path(text))]
    return [names_in(path) for path in files]


def _manifests_at(path: Path) -> list[Path]:
    return _files_in(path) if path.is_dir() else [path] if path.is_file() else []


def _files_in(folder: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(
            each
            for each in folder.iterdir()
            if each.suffix in SUFFIXES and not each.name.startswith(".") and each.is_file()
        )
    return []


def _manifest_files(word: str) -> Iterator[str]:
    folder = Path(word or ".") if word.endswith("/") or not word else Path(word).parent
    with suppress(OSError):
        inside = sorted(
            each for each in folder.iterdir() if each.is_dir() and not each.name.startswith(".")
        )
        for path in (*_files_in(folder), *(file for each in inside for file in _files_in(each))):
            text = f"./{path}" if word.startswith("./") else str(path)
            if text.startswith(word):
                yield text
