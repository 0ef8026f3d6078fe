"""The album's cover: named in the manifest, read once, and held against what stores ask for."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipeline.adapters.manifest.beside import FileRefused, read_beside
from pipeline.adapters.manifest.fields import entry_of
from pipeline.adapters.manifest.nodes import MappingNode, ScalarNode
from pipeline.adapters.manifest.source import Source
from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.diagnostics import Diagnostic
from pipeline.core.formats.picture import NotAPicture, PictureFacts, read_picture
from pipeline.core.wanted.cover import Cover, check_cover

MOST_COVER_BYTES = 64 << 20  # it is held in memory, and written into every track


def read_cover(
    fields: MappingNode, *, source: Source, folder: Path
) -> tuple[Cover | None, tuple[Diagnostic, ...]]:
    """The cover that the album's fields name, and every finding about it."""
    entry = entry_of(fields, "cover")
    node = entry.value if entry is not None else None
    if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
        return None, ()
    named = f"the cover {excerpt(node.value)}"
    try:
        content = read_beside(node.value, folder, called="the cover", most_bytes=MOST_COVER_BYTES)
        facts = read_picture(content)
    except FileRefused as refused:
        return None, (source.error(node.at, refused.message, hint=refused.hint),)
    except NotAPicture as broken:
        hint = "save it again as a JPEG or PNG"
        return None, (source.error(node.at, f"{named} {broken.message}", hint=hint),)
    findings = tuple(
        (source.error if each.is_error else source.warning)(
            node.at, f"{named} {each.message}", hint=each.hint
        )
        for each in check_cover(facts, size_bytes=len(content))
    )
    return _cover(facts, content), findings


def _cover(facts: PictureFacts, content: bytes) -> Cover:
    return Cover(
        kind=facts.kind,
        width=facts.width,
        height=facts.height,
        checksum=hashlib.sha256(content).hexdigest(),
        content=content,
    )
