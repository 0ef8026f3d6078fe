"""What all documents have in common: links that lead somewhere, manifests that hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.runner.reading import read_manifests
from tests.command import ROOT
from tests.docs.blocks import Block, Skipped, parts_of, steps_of

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    ROOT / "schemas" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
MOST_SKIPPED = 6
MOST_ARCHITECTURE_LINES = 120  # two pages


def anchors_of(document: Path) -> set[str]:
    """The headings as GitHub makes anchors of them."""
    headings = re.findall(r"(?m)^#+ (.*)$", document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(document: Path) -> list[str]:
    text = re.sub(r"(?ms)^```.*?^```", "", document.read_text(encoding="utf-8"))
    found = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        is_there = target.exists() and (not anchor or anchor in anchors_of(target))
        found += [] if is_there else [link]
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_inside_the_project_leads_somewhere(document: Path):
    assert dead_links(document) == []


def test_every_guide_is_linked_from_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    guides = list((ROOT / "docs").glob("*.md"))
    assert guides
    assert [path.name for path in guides if f"(docs/{path.name})" not in text] == []


def test_a_manifest_that_a_document_shows_holds(project: Path):
    whole = [
        part
        for document in DOCUMENTS
        for part in parts_of(document)
        if isinstance(part, Block) and part.kind == "yaml" and "songs:" in "\n".join(part.lines)
    ]
    assert whole
    for number, block in enumerate(whole):
        text = "\n".join(block.lines)
        manifest = project / f"shown-{number}" / "album.yaml"
        for name in re.findall(r"\{file: (\S+)\}", text):
            words = manifest.parent / name
            words.parent.mkdir(parents=True, exist_ok=True)
            words.write_text("[Verse]\nSome words to be sung\n", encoding="utf-8")
        manifest.write_text(text, encoding="utf-8")
        reading = read_manifests((manifest,), provider=None)
        assert reading.albums, reading.diagnostics


def test_few_blocks_are_not_run_and_each_says_why():
    skipped = [step for path in DOCUMENTS for step in steps_of(path) if isinstance(step, Skipped)]
    assert len(skipped) <= MOST_SKIPPED
    assert all(len(step.reason) > 10 for step in skipped)


def test_the_architecture_is_two_pages_and_names_what_is_there():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_ARCHITECTURE_LINES
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)+(?:\.py)?|[a-z_]+\.schema\.json)`", text)
    assert len(named) > 10
    roots = [ROOT, *(ROOT / "pipeline" / layer for layer in ("", "core", "adapters", "runner"))]
    roots += [ROOT / "schemas", ROOT / "pipeline" / "cli", ROOT / "pipeline" / "sketch"]
    gone = [name for name in named if not any((root / name).exists() for root in roots)]
    assert gone == []
