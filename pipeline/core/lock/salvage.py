"""What can still be read of a lock file with a merge conflict or other damage: line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.core.lock.document import JOURNAL_ID, MARKER, SCHEMA, LockRow
from pipeline.core.lock.rows import HEX_64, ID, attempt_of_line, refuse_unwritable
from pipeline.core.sound.measurement import prevailing

NOBODY = "0" * 32  # no journal's id: whoever wants to buy has to take over
_MEMBER = re.compile(r'\s*"(?P<name>[^"]*)"\s*:\s*(?P<value>.*?),?\s*')
_STRUCTURE = re.compile(r'\s*(?:"(?:requests|attempts|measurements)"\s*:\s*)?[\[\]{},]*\s*')


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """Every attempt that a line tells of, both sides of a conflict, an attempt twice at that.

    ``albums`` and ``journals`` are all that are named; ``unread`` the lines (1-based) that say
    something and could not be read.
    """

    albums: tuple[str, ...]
    journals: tuple[str, ...]
    rows: tuple[LockRow, ...]
    measurements: Mapping[str, Any]
    unread: tuple[int, ...]

    def owner(self, journal: str) -> str:
        """Whose the lock is: ``journal``'s if it is named, else the first that is.

        Nobody's if a line is unread, for it may be a purchase that nobody knows.
        """
        if self.unread or not self.journals:
            return NOBODY
        return journal if journal in self.journals else self.journals[0]


def salvage(text: str, *, album: str) -> Salvage:
    """Reads what can be read; ``album`` is whose lock it is."""
    found = _Salvaging()
    lines = text.split("\n")  # songs may hold U+2028 and other signs that splitlines() breaks at
    for number, line in enumerate(lines, start=1):
        if MARKER.fullmatch(line) is None and _STRUCTURE.fullmatch(line) is None:
            found.read(number, line)
    rows = []
    for number, row in found.rows:
        try:
            known = {str(row["digest"]): {}, **found.identities}
            attempt = attempt_of_line(row, album=album, identities=known)
            rows.append(LockRow(line=number, attempt=attempt))
        except (ValueError, KeyError, TypeError):
            found.unread.append(number)
    return Salvage(
        albums=tuple(dict.fromkeys(found.said["album"])),
        journals=tuple(dict.fromkeys(found.said["journal"])),
        rows=tuple(rows),
        measurements=found.measurements,
        unread=tuple(sorted(found.unread)),
    )


class _Salvaging:
    """The lines as they are sorted out."""

    def __init__(self) -> None:
        self.said: dict[str, list[str]] = {"album": [], "journal": []}
        self.identities: dict[str, Mapping[str, Any]] = {}
        self.rows: list[tuple[int, Any]] = []
        self.measurements: dict[str, Any] = {}
        self.unread: list[int] = []

    def read(self, number: int, line: str) -> None:
        """Puts a line where it belongs."""
        row = _value(line.strip().removesuffix(","))
        member = _MEMBER.fullmatch(line)
        if isinstance(row, dict):
            self.rows.append((number, row))
        elif member is None or not self._member(member["name"], _value(member["value"])):
            self.unread.append(number)

    def _member(self, name: str, value: Any) -> bool:
        match name, value:
            case "schema", _:
                return bool(value == SCHEMA)
            case "album", str() if ID.fullmatch(value):
                self.said["album"].append(value)
            case "journal", str() if JOURNAL_ID.fullmatch(value):
                self.said["journal"].append(value)
            case _, dict() if HEX_64.fullmatch(name) and "request" in value:
                self.identities[name] = value
            case _, dict() if HEX_64.fullmatch(name):
                self.measurements[name] = self._of_both_sides(name, value)
            case _:
                return False
        return True

    def _of_both_sides(self, name: str, value: dict[str, Any]) -> Any:
        """What stays of two measurements of one file."""
        known = self.measurements.get(name, value)
        return prevailing({name: value}, {name: known}).get(name, known)


def _value(text: str) -> Any:
    try:
        found = json.loads(text)
        refuse_unwritable(found)
    except (ValueError, RecursionError):
        return None
    return found
