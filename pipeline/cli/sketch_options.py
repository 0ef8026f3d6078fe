"""The options that ``songmake sketch render`` and ``explain`` share, and what they mean."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from pipeline.cli.sketch_request import SketchRequest, from_manifests, from_texts
from pipeline.errors import ExtraMissing, UsageError
from pipeline.sketch.audio import AudioSpec
from pipeline.sketch.serve import NEEDED_TO_PLAY

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_MOST_LYRICS_BYTES = 256 * 1024


def song_options(command: Decorated) -> Decorated:
    """``[SONG] [MANIFESTS]…`` or ``--prompt`` and ``--lyrics``; take, revision or seed."""
    for decorate in reversed(
        (
            click.argument("song", required=False),
            click.argument("manifests", nargs=-1, type=click.Path(path_type=Path)),
            click.option("--prompt", metavar="TEXT", help="How it should sound."),
            click.option(
                "--lyrics", metavar="FILE", help="A file with the lyrics; - is standard input."
            ),
            click.option(
                "--take", type=click.IntRange(1, 99), help="Which performance.  [default: 1]"
            ),
            click.option(
                "--revision", type=click.IntRange(0, 10**6), help="Which roll of it.  [default: 0]"
            ),
            click.option(
                "--seed",
                metavar="TEXT",
                help="In place of both, any word: the same word, the same performance.",
            ),
        )
    ):
        command = decorate(command)
    return command


def request_of(
    audio: AudioSpec,
    *,
    song: str | None,
    manifests: tuple[Path, ...],
    prompt: str | None,
    lyrics: str | None,
    take: int | None,
    revision: int | None,
    seed: str | None,
) -> SketchRequest:
    """What the options ask for. Raises ``UsageError``, ``ExtraMissing``."""
    _refuse_without_engine()
    if seed is not None and (take is not None or revision is not None):
        raise UsageError("--seed stands instead of --take and --revision", hint="leave one out")
    if song is not None:
        if (prompt, lyrics, take, revision, seed) != (None,) * 5:
            raise UsageError(
                "a song of the manifests brings its own prompt, lyrics and takes",
                hint=f"songmake sketch explain {song}\n"
                f"or its second take: songmake sketch explain '{song}#2'",
            )
        return from_manifests(song, manifests)
    if prompt is None or lyrics is None:
        raise UsageError(
            "what should be played? name a song, or give --prompt and --lyrics",
            hint="songmake sketch explain SONG\n"
            "or: songmake sketch explain --prompt TEXT --lyrics FILE",
        )
    return from_texts(
        title="untitled" if lyrics == "-" else Path(lyrics).stem, prompt=prompt,
        lyrics=_read(lyrics), audio=audio, take=take or 1, revision=revision or 0, seed=seed,
    )  # fmt: skip


def _refuse_without_engine() -> None:
    missing = [name for name in NEEDED_TO_PLAY if importlib.util.find_spec(name) is None]
    if missing:
        raise ExtraMissing(
            f"the sketch engine needs {', '.join(missing)}", hint="pip install 'songmake[sketch]'"
        )


def _read(named: str) -> str:
    try:
        if named == "-":
            content = sys.stdin.buffer.read(_MOST_LYRICS_BYTES + 1)
        else:
            with Path(named).open("rb") as file:
                content = file.read(_MOST_LYRICS_BYTES + 1)
        if len(content) > _MOST_LYRICS_BYTES:
            raise UsageError(f"{named}: too long for lyrics", hint="3000 characters are the most")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{named}: not UTF-8 text", hint="save the lyrics as UTF-8") from error
    except OSError as error:
        raise UsageError(
            f"{named}: {error.strerror}", hint="--lyrics takes a file's name, not the lyrics"
        ) from error
