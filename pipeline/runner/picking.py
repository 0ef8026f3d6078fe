"""The use case of ``songmake pick``: picks are written into the manifests, and nothing else is."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.adapters.manifest.load import LoadedManifest, load_text
from pipeline.adapters.manifest.pick_edits import NotEditable, with_picks
from pipeline.adapters.manifest.rewriting import rewrite
from pipeline.adapters.manifest.source import START, Unreadable, read_text
from pipeline.core.documents.picks_document import read_picks
from pipeline.core.findings.diagnostics import Diagnostic
from pipeline.core.wanted.album import Album
from pipeline.core.wanted.picks import Pick, PickChange, PickRefusal, changes_of
from pipeline.core.wanted.profile import Profiles
from pipeline.errors import UsageError

MOST_PICKS_BYTES = 2 << 20  # 10,000 songs, the longest ids, laid out widely


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A manifest, its text as read, and as it is to be."""

    path: Path
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picking:
    """What picks come to. Nothing is to be written if there are ``refusals`` or ``findings``.

    ``changes`` has every song that was named, also where its pick stays; ``sources`` the manifest
    of each album.
    """

    changes: tuple[PickChange, ...]
    refusals: tuple[PickRefusal, ...]
    findings: tuple[Diagnostic, ...]
    rewrites: tuple[Rewrite, ...]
    sources: Mapping[str, str]


def load_picks(path: Path) -> tuple[Pick, ...]:
    """The wishes of a picks file. Raises ``UsageError`` with its place."""
    try:
        text = read_text(path, most_bytes=MOST_PICKS_BYTES)
    except Unreadable as unreadable:
        at = unreadable.position
        place = "" if at is START else f":{at.line}:{at.column}"
        raise UsageError(
            f"{path}{place}: the picks file {unreadable.message}",
            hint=unreadable.hint or _hint_of_file(path),
        ) from None
    return read_picks(text, shown_as=str(path))


def _hint_of_file(path: Path) -> str:
    if path.exists():
        return "save it again from the album's page"
    place = f"~/Downloads/{shlex.quote(path.name)}"
    return f"name it where the browser saved it: songmake pick {place}"


def prepare_picks(
    picks: Iterable[Pick], manifests: Sequence[LoadedManifest], profiles: Profiles
) -> Picking:
    """Finds out what to write, and writes nothing. The manifests hold."""
    albums = [loaded.album for loaded in manifests if loaded.album is not None]
    changes, refusals = changes_of(picks, albums)
    rewrites: list[Rewrite] = []
    findings: list[Diagnostic] = []
    for loaded in manifests if not refusals else ():
        try:
            rewrites += _rewrites(loaded, changes, profiles)
        except NotEditable as refused:
            findings += refused.findings
    return Picking(
        changes=changes,
        refusals=refusals,
        findings=tuple(findings),
        rewrites=tuple(rewrites),
        sources={album.id: album.source for album in albums},
    )


def write_picks(picking: Picking) -> None:
    """Writes the manifests, one after the other.

    Raises ``ManifestChanged`` for one that is not what was read, and ``OSError``.
    """
    for each in picking.rewrites:
        rewrite(each.path, before=each.before, after=each.after)


def _rewrites(
    loaded: LoadedManifest, changes: Iterable[PickChange], profiles: Profiles
) -> tuple[Rewrite, ...]:
    album = loaded.album
    assert album is not None
    picks = {
        str(change.song): change.take
        for change in changes
        if change.album == album.id and change.take != change.before
    }
    if not picks:
        return ()
    text = with_picks(loaded.source, picks)
    path = Path(loaded.source.file)
    again = load_text(
        text, path, profiles=profiles, provider=None, shown_as=loaded.source.file
    ).album
    if again != _picked(album, picks):
        raise NotEditable(tuple(_unlike(loaded, song, take) for song, take in picks.items()))
    return (Rewrite(path=path, before=loaded.source.text, after=text),)


def _picked(album: Album, picks: Mapping[str, int]) -> Album:
    songs = (replace(song, pick=picks.get(song.id, song.pick)) for song in album.songs)
    return replace(album, songs=tuple(songs))


def _unlike(loaded: LoadedManifest, song: str, take: int) -> Diagnostic:
    """The edit would say something else than was meant, or a file beside the manifest changed."""
    return loaded.source.error(
        loaded.song_at[song],
        f"writing the pick of {song} would change more than that",
        hint=f"the same command again, or write “pick: {take}” into it by hand",
    )
