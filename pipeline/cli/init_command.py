"""``songmake init``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from pipeline.cli.messages import print_hint, print_next, say
from pipeline.cli.options import setting
from pipeline.core.findings.phrases import counted
from pipeline.core.starter.languages import language_name, language_tag
from pipeline.core.starter.manifest_text import NewAlbum
from pipeline.core.starter.verses import MOST_SONGS
from pipeline.runner.start.beginning import MANIFESTS_NAME, Begun, begin, manifest_path

TITLE = "Paper Boats"
ARTIST = "The Ferry Queue"
STYLE = "warm indie folk, 96 BPM, fingerpicked guitar"
SONGS = 3
ENGINE = ("lameenc", "numpy", "starlette", "uvicorn")


@click.command("init")
@click.argument("path", metavar="[PATH]", required=False, type=click.Path(path_type=Path))
@click.option("--title", metavar="TEXT", help=f"The album's title.  [default: {TITLE}]")
@click.option("--artist", metavar="TEXT", help=f"Who performs it.  [default: {ARTIST}]")
@click.option(
    "--style",
    metavar="TEXT",
    help=f"What it sounds like: genre, tempo, key, instruments.  [default: {STYLE}]",
)
@click.option(
    "--songs",
    type=click.IntRange(1, MOST_SONGS),
    metavar="N",
    help=f"How many songs.  [default: {SONGS}]",
)
@click.option(
    "--song", "titles", multiple=True, metavar="TITLE", help="A song's own title. Repeatable."
)
@click.option("--language", metavar="TAG", help="What is sung: en, de, pt-BR …")
@setting("--yes", "-y", is_flag=True, help="Ask nothing: take the flags and the defaults.")
def command(path: Path | None, **flags: Any) -> None:
    """Write an album of your own: a commented manifest that renders as it is.

    PATH is the folder of the project (here, if left out) or a .yaml file to write. On a terminal
    it asks for what the flags do not say; nothing is written before the last answer, and nothing
    is ever overwritten.
    """
    is_asking = _is_conversation() and not flags["yes"]
    if is_asking:
        say("Enter takes what stands in brackets; Ctrl-C leaves, and nothing is written.")
    ask = _ask if is_asking else _take_default
    album = _album(flags, ask)
    begun = begin(album, manifest_path(path or Path(), album.title))
    for line in _lines(begun, album):
        click.echo(line)
    _say_next(begun)


def _is_conversation() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


Question = Callable[[str, Any, Any], Any]


def _ask(question: str, default: Any, kind: Any) -> Any:
    return click.prompt(question, default=default, type=kind, err=True)


def _take_default(question: str, default: Any, kind: Any) -> Any:
    return default


def _album(flags: dict[str, Any], ask: Question) -> NewAlbum:
    def told(name: str, question: str, default: Any, kind: Any = str) -> Any:
        given = flags[name]
        return given if given is not None else ask(question, default, kind)

    titles = tuple(title.strip() for title in flags["titles"])
    title = told("title", "Title of the album", TITLE).strip()
    artist = told("artist", "Artist", ARTIST).strip()
    style = told("style", "What it sounds like", STYLE).strip()
    count = told("songs", "How many songs", len(titles) or SONGS, click.IntRange(1, MOST_SONGS))
    language = language_tag(told("language", "Language that is sung", "en").strip())
    if len(titles) > MOST_SONGS:
        raise click.UsageError(f"more than {MOST_SONGS} songs: begin with fewer and add the rest")
    return NewAlbum(
        title=title,
        artist=artist,
        style=style,
        song_count=max(count, len(titles)),
        titles=titles,
        language=language or None,
        sung_in=_unless_english(language),
    )


def _unless_english(language: str) -> str | None:
    name = language_name(language)
    return None if name == "English" else name


def _lines(begun: Begun, album: NewAlbum) -> list[str]:
    lines = [
        f"{begun.manifest}: {counted(album.song_count, 'song')},"
        f" {counted(album.take_count, 'take')}"
    ]
    if begun.schema is not None:
        lines.append(f"{begun.schema}: what editors complete and check it with")
    if begun.ignored:
        lines.append(f".gitignore: {' and '.join(begun.ignored)} stay out of git")
    return lines


def _say_next(begun: Begun) -> None:
    if not all(map(find_spec, ENGINE)):
        print_hint("sketches need the embedded engine: pip install 'songmake[sketch]'")
    command = f"songmake render{_named(begun.manifest)}"
    print_next(command)
    say("      hear it: free sketches, made on this machine")


def _named(manifest: Path) -> str:
    """What has to be typed behind the command, where one stands now, to render this one."""
    alone = manifest.parent == Path(MANIFESTS_NAME) and _is_alone(manifest)
    return "" if alone else f" {shlex.quote(str(manifest))}"


def _is_alone(manifest: Path) -> bool:
    others = (*manifest.parent.glob("*.yaml"), *manifest.parent.glob("*.yml"))
    return {each.name for each in others} == {manifest.name}
