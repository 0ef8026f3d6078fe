"""The record of a run that had nothing to do: what it looked at, and what it said.

It is read before anything is loaded, so it is plain text and plain tuples. Its only answer is
"nothing has changed, nothing is to be done"; whatever cannot be read says nothing at all.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

FORM = "songmake/unchanged/1"
SEAL_BYTES = 64  # hexadecimal digits of a sha256


class Unchanged(NamedTuple):
    """A finished run. Paths are absolute; ``inputs`` count by their bytes, ``files`` by their stat.

    ``said`` is its standard output, ``summary`` its ``summary.json`` around the two moments.
    """

    key: str
    inputs: tuple[str, ...]
    files: tuple[str, ...]
    absent: tuple[str, ...]
    inputs_digest: str
    files_digest: str
    said: str
    summary: tuple[str, str, str]


def record_text(record: Unchanged) -> str | None:
    """The record as it is kept, sealed; None if one of its parts cannot stand in it."""
    paths = (record.inputs, record.files, record.absent)
    if any("\n" in path or not path for group in paths for path in group):
        return None
    fields = (
        FORM, record.key, *("\n".join(group) for group in paths),
        record.inputs_digest, record.files_digest, record.said, *record.summary,
    )  # fmt: skip
    if any("\0" in field for field in fields):
        return None
    body = "\0".join(fields)
    return sealed(body) + body


def read_record(text: str) -> Unchanged | None:
    """The inverse; None for anything that was cut, changed, or written in another form."""
    seal, body = text[:SEAL_BYTES], text[SEAL_BYTES:]
    fields = body.split("\0")
    if len(fields) != 11 or fields[0] != FORM or seal != sealed(body):
        return None
    _, key, inputs, files, absent, inputs_digest, files_digest, said, *summary = fields
    first, between, last = summary
    return Unchanged(
        key,
        _paths(inputs),
        _paths(files),
        _paths(absent),
        inputs_digest,
        files_digest,
        said,
        (first, between, last),
    )


def sealed(text: str) -> str:
    """A checksum of a text that came from file names, whatever their bytes are."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _paths(field: str) -> tuple[str, ...]:
    return tuple(field.split("\n")) if field else ()
