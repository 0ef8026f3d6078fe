"""The rows, a module for each kind of work: ``ROWS`` of every module here, by number."""

from __future__ import annotations

import importlib
import pkgutil

from benchmarks.row import Row


def all_rows() -> tuple[Row, ...]:
    """Every row, by number; those of one number in the order of their module."""
    found: list[Row] = []
    for module in pkgutil.iter_modules(__path__):
        found += importlib.import_module(f"{__name__}.{module.name}").ROWS
    return tuple(sorted(found, key=lambda row: row.number))
