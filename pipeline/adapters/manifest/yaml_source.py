"""YAML 1.2 text to nodes with positions, on PyYAML's event stream.

Events come one by one, so neither nesting nor aliases can exhaust stack or memory before a limit
stops the reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from pipeline.adapters.manifest.nodes import Node
from pipeline.adapters.manifest.source import START, Source
from pipeline.adapters.manifest.tree_builder import ReadingStopped, TreeBuilder
from pipeline.adapters.manifest.yaml_wording import reworded
from pipeline.core.findings.characters import character_name
from pipeline.core.findings.diagnostics import Diagnostic

FASTEST_PARSER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
PURE_PARSER: Any = yaml.BaseLoader

MOST_BAD_CHARACTERS = 20
PIECE = 1 << 16
# YAML 1.2's printable set, less the line ends that YAML 1.1 knew and 1.2 does not.
_BAD_CHARACTER = (
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)

_PLAIN_ASCII = bytes([*b"\t\n\r", *range(0x20, 0x7F)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedYaml:
    """What could be read. ``root`` is None where the text holds no complete document."""

    root: Node | None
    findings: tuple[Diagnostic, ...]


def parse_yaml(source: Source, *, parser: Any = FASTEST_PARSER) -> ParsedYaml:
    """Reads one YAML document. ``parser`` is PyYAML's C parser where there is one, or the pure."""
    if not _is_clean(source.text):
        return ParsedYaml(root=None, findings=tuple(_bad_characters(source)))
    builder = TreeBuilder(source)
    try:
        reading = parser(_Pieces(source.text))
        try:
            builder.take_all(iter(reading.get_event, None))
        finally:
            reading.dispose()
    except ReadingStopped as stopped:
        return ParsedYaml(root=None, findings=(*builder.findings, stopped.finding))
    except yaml.MarkedYAMLError as error:
        return ParsedYaml(root=None, findings=(*builder.findings, _syntax_error(source, error)))
    except (yaml.YAMLError, ValueError, OverflowError):
        # What is left are escapes and directives that the parsers convert without a check.
        finding = source.error(builder.last_at, "not YAML from here on")
        return ParsedYaml(root=None, findings=(*builder.findings, finding))
    if builder.root is None:
        finding = source.error(START, "the manifest is empty", hint="start with “album:”")
        return ParsedYaml(root=None, findings=(*builder.findings, finding))
    return ParsedYaml(root=builder.root, findings=tuple(builder.findings))


def _syntax_error(source: Source, error: yaml.MarkedYAMLError) -> Diagnostic:
    complaint = reworded(error, source.text)
    index = min(complaint.start, len(source.text))
    return source.error(source.position(index), complaint.message, hint=complaint.hint)


class _Pieces:
    """A text as a file that is read piece by piece: whole copies of a long one take memory that
    the allocator keeps."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self, most: int) -> str:
        """The next code points, at most so many; none at the end."""
        piece = self._text[self._at : self._at + most]
        self._at += len(piece)
        return piece


def _is_clean(text: str) -> bool:
    """Whether no bad character is in it; plain ASCII is passed over at the speed of memory."""
    pieces = _Pieces(text)
    return all(map(_is_clean_piece, iter(lambda: pieces.read(PIECE), "")))


def _is_clean_piece(text: str) -> bool:
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN_ASCII)
    return not rest or re.search(_BAD_CHARACTER, rest.decode("utf-8", "surrogatepass")) is None


def _bad_characters(source: Source) -> Iterator[Diagnostic]:
    for count, match in enumerate(re.finditer(_BAD_CHARACTER, source.text)):
        if count == MOST_BAD_CHARACTERS:
            return
        yield source.error(
            source.position(match.start()),
            f"{character_name(match.group())} cannot stand in a manifest",
            hint="delete it",
        )
