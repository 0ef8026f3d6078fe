"""What a syntax error means to someone who writes manifests, not parsers."""

from __future__ import annotations

from typing import Any, NamedTuple

from pipeline.core.findings.characters import character_name


class Wording(NamedTuple):
    """Part of the parser's complaint, what to say instead, and what to do."""

    complaint: str
    message: str
    hint: str
    is_at_start: bool = False  # point at where the broken thing began, not where it was noticed


_WORDINGS = (
    Wording(
        "mapping values are not allowed",
        "this “:” makes a key where none can stand",
        'quote a text that contains a colon and a space: "…: …"; or check the indentation',
    ),
    Wording(
        "sequence entries are not allowed",
        "a list cannot begin here",
        "start it on a line of its own, or write [a, b]",
    ),
    Wording("tab character", "a tab cannot indent", "indent with spaces"),
    Wording(
        "found unknown escape character",
        "unknown escape in a double-quoted text",
        "write \\\\ for a backslash, or use single quotes",
    ),
    Wording(
        "invalid Unicode character escape",
        "this escape is no character",
        "write the character itself",
    ),
    Wording(
        "could not find expected ':'",
        "this is neither a key nor part of the value above",
        "write “key: value”, or indent it deeper than its key",
    ),
    Wording("',' or ']'", "this [ is never closed", "close it with ]", True),
    Wording("',' or '}'", "this { is never closed", "close it with }", True),
    Wording(
        "undefined tag handle", "unknown tag", "leave it out, or quote a text that begins with !"
    ),
    Wording("node content", "a value is expected here", "quote a text that begins with a sign"),
    Wording(
        "alphabetic or numeric character",
        "& and * need a name",
        "quote a text that begins with & or *",
    ),
    Wording("incompatible YAML document", "unknown YAML version", "delete the %YAML line"),
    Wording(
        "block collection",
        "this does not belong to the list above",
        "start entries of one list in the same column, each with “- ”",
    ),
    Wording(
        "block mapping",
        "this does not fit behind or below the keys above",
        "start keys of one mapping in the same column, and quote values with signs in them",
    ),
)


class Complaint(NamedTuple):
    """A syntax error in words, at an index of the text."""

    start: int
    message: str
    hint: str | None


def reworded(error: Any, text: str) -> Complaint:
    """A parser's ``MarkedYAMLError`` in words of a manifest's writer."""
    problem, context = error.problem or "", error.context or ""
    index = error.problem_mark.index if error.problem_mark else 0
    start = error.context_mark.index if error.context_mark else index
    if "unexpected end of stream" in problem and "quoted" in context:
        return Complaint(start, "this quote is never closed", "close it, or double a ' within it")
    if "cannot start any token" in problem:
        return _bad_start(text, index)
    for wording in _WORDINGS:
        if wording.complaint in problem or wording.complaint in context:
            at = start if wording.is_at_start else index
            return Complaint(at, wording.message, wording.hint)
    return Complaint(index, f"not YAML: {problem}", None)


def _bad_start(text: str, index: int) -> Complaint:
    character = text[index : index + 1]
    if character == "\t":
        return Complaint(index, "a tab cannot indent", "indent with spaces")
    named = character if character.isprintable() else character_name(character)
    return Complaint(index, f"a value cannot begin with {named}", "put the text in quotes")
