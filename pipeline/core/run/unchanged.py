"""The record of a run that had nothing to do: what it looked at, and what it said.

It is read before anything is loaded, so it is plain text and a plain class: dataclasses and typing
would take longer to load than the record takes to read. Its only answer is
"nothing has changed, nothing is to be done"; whatever cannot be read says nothing at all.
"""

from __future__ import annotations

from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FORM = "songmake/unchanged/2"
SEAL_BYTES = 64  # hexadecimal digits of a sha256


Folder = tuple[str, tuple[str, ...]]  # an absolute path, and names in it


class Unchanged:
    """A finished run. Paths are absolute; ``inputs`` count by their bytes, ``files`` by their stat.

    ``absent`` are those where nothing may be.
    ``said`` is its standard output, ``summary`` its ``summary.json`` around the two moments.
    """

    __slots__ = (
        "absent", "files", "files_digest", "inputs", "inputs_digest", "key", "said", "summary",
    )  # fmt: skip

    def __init__(
        self,
        *,
        key: str,
        inputs: tuple[str, ...],
        files: tuple[Folder, ...],
        absent: tuple[str, ...],
        inputs_digest: str,
        files_digest: str,
        said: str,
        summary: tuple[str, str, str],
    ) -> None:
        self.key = key
        self.inputs = inputs
        self.files = files
        self.absent = absent
        self.inputs_digest = inputs_digest
        self.files_digest = files_digest
        self.said = said
        self.summary = summary


def record_text(record: Unchanged) -> str | None:
    """The record as it is kept, sealed; None if one of its parts cannot stand in it."""
    files = tuple(f"{folder}//{'/'.join(names)}" for folder, names in record.files)
    paths = (record.inputs, files, record.absent)
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
        key=key,
        inputs=_paths(inputs),
        files=tuple(map(_folder, _paths(files))),
        absent=_paths(absent),
        inputs_digest=inputs_digest,
        files_digest=files_digest,
        said=said,
        summary=(first, between, last),
    )


def by_folder(paths: Iterable[str]) -> tuple[Folder, ...]:
    """Absolute paths by the folder they are in: each folder is walked to once."""
    found: dict[str, list[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        found.setdefault(folder, []).append(name)
    return tuple((folder, tuple(names)) for folder, names in found.items())


def sealed(text: str) -> str:
    """A checksum of a text that came from file names, whatever their bytes are."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _paths(field: str) -> tuple[str, ...]:
    return tuple(field.split("\n")) if field else ()


def _folder(line: str) -> Folder:
    folder, _, names = line.partition("//")
    return folder, tuple(names.split("/"))
