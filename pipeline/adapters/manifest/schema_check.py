"""The manifest's shape against its JSON Schema, as findings at the lines they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pipeline.adapters.manifest.gated_schema import GatedSchema
from pipeline.adapters.manifest.nodes import (
    REFUSED,
    MappingNode,
    Node,
    NodePath,
    ScalarNode,
    node_at,
    plain,
)
from pipeline.adapters.manifest.schema_wording import Words, worded, wrong_type
from pipeline.adapters.manifest.source import Source
from pipeline.adapters.manifest.tree_builder import MOST_FINDINGS
from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.diagnostics import Diagnostic
from pipeline.core.findings.suggestion import closest

_HOMES = {
    "lyrics": "a song",
    "title": "album or a song",
    "pick": "a song",
    "revision": "a song",
    "moved_from": "a song",
    "isrc": "a song",
    "budget_usd": "the top level",
    "provider": "the top level",
    "styles": "the top level",
    "defaults": "the top level",
    "songs": "the top level",
    "sample_rate": "audio",
    "bitrate": "audio",
    "format": "audio",
    "year": "album",
    "cover": "album",
    "upc": "album",
    "label": "album",
    "credits": "the top level or a song",
    "takes": "defaults or a song",
    "model": "defaults or a song",
    "audio": "defaults or a song",
    "contract": "defaults or a song",
    "price_usd": "defaults or a song",
    "length_s": "defaults or a song",
    "seed": "defaults or a song",
    "steps": "defaults or a song",
    "negative_prompt": "defaults or a song",
    "lyrics_optimizer": "defaults or a song",
    "instrumental": "defaults or a song",
    "style": "defaults or a song",
    "prompt": "defaults or a song",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCheck:
    """``findings``, the ``broken`` values (not to be read), and keys that may be meant.

    ``meant`` holds the paths that misspelt keys probably stand for: they are not missing. Where
    ``is_cut``, there were more breaches than are told, and any other value may be broken too.
    """

    findings: tuple[Diagnostic, ...]
    broken: frozenset[NodePath]
    meant: frozenset[NodePath]
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    at: int
    words: Words | None
    broken: NodePath | None = None
    meant: NodePath | None = None
    missing: NodePath | None = None


def check_schema(root: Node, schema: Mapping[str, Any], source: Source) -> SchemaCheck:
    """Every breach of the schema, at most ``MOST_FINDINGS`` of them."""
    errors = GatedSchema(schema).iter_errors(plain(root))
    read = list(islice((each for error in errors for each in _read(error, root)), MOST_FINDINGS))
    meant = frozenset(each.meant for each in read if each.meant is not None)
    found = [each for each in read if each.missing not in meant]
    findings = dict.fromkeys(
        source.error(each.at, each.words.message, hint=each.words.hint)
        for each in found
        if each.words is not None
    )
    return SchemaCheck(
        findings=tuple(findings),
        broken=frozenset(each.broken for each in found if each.broken is not None),
        meant=meant,
        is_cut=len(read) == MOST_FINDINGS,
    )


def _read(error: Any, root: Node) -> Iterator[_Finding]:
    path: NodePath = tuple(error.absolute_path)
    node = node_at(root, path)
    if "propertyNames" in error.absolute_schema_path and isinstance(node, MappingNode):
        yield _bad_key(error, path, node)
    elif error.validator == "additionalProperties" and isinstance(node, MappingNode):
        yield from _unknown_keys(error, path, node)
    elif error.validator == "required":
        yield from _missing_keys(error, path, root)
    else:
        yield _bad_value(error, path, node)


def _bad_value(error: Any, path: NodePath, node: Node) -> _Finding:
    if isinstance(node, ScalarNode) and node.value is REFUSED:
        return _Finding(at=node.at, words=None, broken=path)
    label, key = label_of(path), _last_key(path)
    if error.validator == "type":
        wanted = error.validator_value
        words = wrong_type(label, key, [wanted] if isinstance(wanted, str) else wanted, node)
        if path == ("songs",):
            words = Words(words.message, "each song's key is its id, as in “coda:”")
    else:
        words = worded(label, error.validator, error.validator_value, error.instance, error.schema)
    return _Finding(at=node.at, words=words, broken=path)


def _bad_key(error: Any, path: NodePath, node: MappingNode) -> _Finding:
    key = str(error.instance)
    words = worded(
        f"a key of {label_of(path)}", error.validator, error.validator_value, key, error.schema
    )
    slug = id_like(key)
    hint = merge_key_hint(key) or (f"write {slug}" if path == ("songs",) and slug else words.hint)
    return _Finding(
        at=node.entries[key].key_at, words=Words(words.message, hint), broken=(*path, key)
    )


def id_like(text: str) -> str:
    """The id that is most like a text; empty where there is none."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:64].strip("-")


def _unknown_keys(error: Any, path: NodePath, node: MappingNode) -> Iterator[_Finding]:
    known = tuple(error.schema.get("properties", ()))
    for key, entry in node.entries.items():
        if key in known:
            continue
        near = None if key in _HOMES and key.rstrip("s") not in known else closest(key, known)
        if near is not None:
            hint = f"did you mean {near}?"
        elif key in _HOMES:
            hint = f"it belongs to {_HOMES[key]}"
        else:
            hint = merge_key_hint(key) or f"known here: {', '.join(known)}"
        place = f" in {label_of(path)}" if path else ""
        yield _Finding(
            at=entry.key_at,
            words=Words(f"unknown key {excerpt(key)}{place}", hint),
            broken=(*path, key),
            meant=None if near is None else (*path, near),
        )


def merge_key_hint(key: str) -> str | None:
    """What to write instead of YAML 1.1's merge key."""
    if key != "<<":
        return None
    return "YAML 1.2 has no merge keys: put what songs share into defaults or styles"


def _missing_keys(error: Any, path: NodePath, root: Node) -> Iterator[_Finding]:
    missing = [key for key in error.validator_value if key not in error.instance]
    at = _place_of(path, root)
    for key in missing:
        label = label_of(path) if path else "the manifest"
        words = Words(f"{label} has no {key}", f"add “{key}: …”")
        yield _Finding(at=at, words=words, missing=(*path, key))


def _place_of(path: NodePath, root: Node) -> int:
    if not path:
        return root.at
    parent = node_at(root, path[:-1])
    last = path[-1]
    if isinstance(parent, MappingNode) and isinstance(last, str):
        return parent.entries[last].key_at
    return node_at(root, path).at


def _last_key(path: NodePath) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "manifest")


def label_of(path: NodePath) -> str:
    """``songs.coda.tags[1]``, shortened where a key is longer than any real one."""
    if not path:
        return "the manifest"
    label = ""
    for step in path:
        if isinstance(step, int):
            label += f"[{step}]"
        else:
            label += f".{step}" if len(step) <= 64 else f".{step[:63]}…"
    return label.removeprefix(".")
