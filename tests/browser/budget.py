"""How large a page may be. How quickly one opens is measured by ``benchmarks/pages_check.py``."""

from __future__ import annotations

from pathlib import Path

MOST_BYTES = 2_000_000  # of a page without its audio and cover


def assert_within_budget(page: Path) -> None:
    """The page, with all that is inlined in it, has fewer bytes than it may have."""
    size_bytes = page.stat().st_size
    assert size_bytes < MOST_BYTES, f"{page.name} has {size_bytes:,} bytes"
