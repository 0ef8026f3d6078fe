"""A song's lyrics, from the manifest or from a file, and the warnings about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.adapters.manifest.beside import FileRefused
from pipeline.adapters.manifest.fields import entry_of
from pipeline.adapters.manifest.lyrics_file import load_lyrics
from pipeline.adapters.manifest.nodes import MappingNode, ScalarNode
from pipeline.adapters.manifest.source import Place, Source
from pipeline.core.findings.diagnostics import Diagnostic, Position
from pipeline.core.wanted.lyrics import split_lines
from pipeline.core.wanted.lyrics_lint import LyricsWarning, lint_lyrics


class LyricsReading(NamedTuple):
    """A text as written, and where its lines stand: in ``source``, from ``node`` where given."""

    text: str
    source: Source
    node: ScalarNode | None

    def warnings(self, structure_tags: Sequence[str] | None) -> Iterator[Diagnostic]:
        """The lint's warnings, each at its place."""
        for warning in lint_lyrics(self.text, structure_tags=structure_tags):
            at = self._place_of(warning)
            yield self.source.warning(at, warning.message, hint=warning.hint)

    def _place_of(self, warning: LyricsWarning) -> Place:
        if self.node is None:
            return warning.position
        if not self.node.is_literal:
            return self.node.at
        line = split_lines(self.text)[warning.position.line - 1]
        number = self.source.position(self.node.at).line + warning.position.line
        written = self.source.lines[number - 1] if number <= len(self.source.lines) else ""
        if not written.endswith(line):
            return self.node.at
        indent = len(written) - len(line)
        return Position(line=number, column=warning.position.column + indent)


def read_lyrics(
    fields: MappingNode, *, source: Source, folder: Path
) -> LyricsReading | Diagnostic | None:
    """The lyrics that a song's fields name, the finding where that fails, None without any."""
    entry = entry_of(fields, "lyrics")
    match entry.value if entry is not None else None:
        case ScalarNode(value=str(text)) as node:
            return LyricsReading(text=text, source=source, node=node)
    named = entry_of(fields, "lyrics.file")
    match named.value if named is not None else None:
        case ScalarNode(value=str(file)) as node:
            shown_folder = source.file.rpartition("/")[0]
            try:
                text_source = load_lyrics(file, folder=folder, shown_folder=shown_folder)
            except FileRefused as refused:
                return source.error(node.at, refused.message, hint=refused.hint)
            return LyricsReading(text=text_source.text, source=text_source, node=None)
    return None
