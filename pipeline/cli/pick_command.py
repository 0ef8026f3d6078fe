"""``songmake pick``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from pipeline.adapters.manifest.schema_files import load_profiles
from pipeline.cli.messages import print_diagnostics, print_error, print_next, say, show
from pipeline.cli.options import json_option, setting
from pipeline.cli.reading import manifest_paths, refuse_errors, shown
from pipeline.cli.sections import Command
from pipeline.cli.typed import typed
from pipeline.core.documents.picked_document import picked_document
from pipeline.core.findings.phrases import counted
from pipeline.core.wanted.picks import Pick, PickChange, is_id, is_pick_word, pick_of_word
from pipeline.errors import ManifestError, UsageError
from pipeline.runner.picking import Picking, load_picks, prepare_picks, write_picks
from pipeline.runner.reading import load_manifests, reading_of

PICKS_SUFFIX = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    picks: tuple[Pick, ...]
    manifests: tuple[Path, ...]


@click.command("pick", cls=Command)
@click.argument("words", nargs=-1, required=True, metavar="SONG#TAKE|FILE... [MANIFESTS]...")
@setting("--dry-run", "-n", is_flag=True, help="Say what would change, and write nothing.")
@json_option
def command(words: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Choose which take is a song's track: written into the manifest.

    SONG#TAKE (album/SONG#TAKE where albums share an id) may come several times; FILE is a picks
    file (.json), as the album's page saves it. Comments, layout and all other bytes stay. Reads no
    state and sends nothing; the next render publishes the take, free.

    MANIFESTS are album files or folders of them; manifests/ if none is named.
    """
    said = _sorted(words)
    profiles = load_profiles()
    manifests = load_manifests(manifest_paths(said.manifests), profiles, provider=None)
    reading = reading_of(manifests, profiles)
    print_diagnostics(shown(reading.diagnostics, is_quiet=True))
    refuse_errors(reading)
    picking = prepare_picks(said.picks, manifests, profiles)
    _refuse(picking)
    is_written = bool(picking.rewrites) and not dry_run
    if is_written:
        write_picks(picking)
    if as_json:
        document = picked_document(picking.changes, picking.sources, is_written=is_written)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for change in picking.changes:
        show(_line(change, picking))
    if is_written:
        print_next("publish it, free: songmake render")
    else:
        say("nothing was written: this is a dry run" if picking.rewrites else "nothing to write")


def _sorted(words: Sequence[str]) -> _Words:
    """Takes, picks files and manifests, each known by its form. Raises ``UsageError``."""
    manifests = tuple(Path(word) for word in words if not _says_picks(word))
    picks = tuple(pick for word in words for pick in _picks_of(word))
    if manifests:
        typed().given["manifests"] = tuple(map(str, manifests))  # for hints, as other commands do
    if not any(map(_says_picks, words)):
        raise UsageError(
            "no take is named",
            hint="say which: songmake pick 'coda#2'\n"
            "or give what the album's page saved: songmake pick ALBUM.picks.json",
        )
    return _Words(picks=picks, manifests=manifests)


def _says_picks(word: str) -> bool:
    return is_pick_word(word) or word.endswith(PICKS_SUFFIX)


def _picks_of(word: str) -> Iterator[Pick]:
    if word.endswith(PICKS_SUFFIX):
        yield from load_picks(Path(word))
    elif is_pick_word(word):
        yield pick_of_word(word)
    elif "#" in word and not Path(word).exists():
        pick_of_word(word)  # is none, and says so
    elif is_id(word) and not Path(word).exists():
        raise UsageError(f"which take of {word}?", hint=f"say which: songmake pick '{word}#2'")


def _refuse(picking: Picking) -> None:
    """Raises if anything cannot be: then nothing is written at all."""
    if len(picking.refusals) == 1:
        (refusal,) = picking.refusals
        raise UsageError(refusal.message, hint=refusal.hint)
    for refusal in picking.refusals:
        print_error(refusal.message, hint=refusal.hint)
    print_diagnostics(picking.findings)
    count = len(picking.refusals) + len(picking.findings)
    if count:
        raise ManifestError(
            f"{counted(count, 'pick')} cannot be written: nothing was",
            hint="mend them, then the same command again",
        )


def _line(change: PickChange, picking: Picking) -> str:
    song = f"{change.album}/{change.song}"
    if change.before == change.take:
        return f"{song}: take {change.take} is picked already"
    source = picking.sources[change.album]
    return f"{song}: take {change.take} instead of {change.before} ({source})"
