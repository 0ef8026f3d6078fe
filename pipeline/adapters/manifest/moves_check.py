"""``moved_from``: a song's history goes to one song, and only once its old id is gone."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.adapters.manifest.fields import scalars_in
from pipeline.adapters.manifest.nodes import MappingNode, ScalarNode
from pipeline.adapters.manifest.source import Source
from pipeline.core.findings.diagnostics import Diagnostic

MOVED_FROM = "moved_from"


def moves_findings(songs: MappingNode, source: Source) -> Iterator[Diagnostic]:
    """Errors where it is not clear to which song a history belongs."""
    first_with: dict[str, str] = {}
    for song, old in _moves(songs):
        if old.text == song:
            message = f"{song}: moved_from names the song itself"
            hint = "name the id that it had before, or delete moved_from"
        elif old.text in songs.entries:
            message = f"{song}: moved_from names {old.text}, which is still a song of this album"
            hint = f"delete the song {old.text}, or moved_from: a song continues one that is gone"
        elif (other := first_with.setdefault(old.text, song)) != song:
            message = f"{song}: moved_from names {old.text}, and {other} continues that already"
            hint = "a song's history goes to one song: delete one of the two"
        else:
            continue
        yield source.error(old.at, message, hint=hint)


def _moves(songs: MappingNode) -> Iterator[tuple[str, ScalarNode]]:
    for song, entry in songs.entries.items():
        if isinstance(entry.value, MappingNode) and MOVED_FROM in entry.value.entries:
            for old in scalars_in(entry.value, MOVED_FROM):
                yield song, old
