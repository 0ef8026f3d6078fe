"""CSV that a spreadsheet opens without running it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A header line and the rows, with LF ends.

    Text that a spreadsheet would run as a formula gets a leading quote, None is an empty cell.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(field) for field in row])
    return out.getvalue()


def _cell(field: object) -> object:
    if isinstance(field, str) and field.startswith(_FORMULA_STARTS):
        return f"'{field}"
    return "" if field is None else field
