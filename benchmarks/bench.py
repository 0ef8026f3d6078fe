"""What a row is given to measure with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import Peers

_KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """``scratch`` is this row's own empty folder; ``songmake`` the installed command.

    ``kept`` is a folder that all rows share and later runs find again.
    ``python`` is the interpreter that ``songmake`` starts. ``rounds`` is how many pairs a cheap
    row takes; ``is_quick`` asks for smaller sizes where they say something.
    """

    rounds: int
    is_quick: bool
    scratch: Path
    kept: Path
    songmake: Path
    python: Path
    peers: Peers

    @property
    def env(self) -> dict[str, str]:
        """A plain environment with a home of its own; compiled modules are kept."""
        return self.env_with({})

    def env_with(self, more: Mapping[str, str]) -> dict[str, str]:
        """The plain environment and ``more``."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        home = self.scratch / "home"
        home.mkdir(exist_ok=True)
        return {**kept, "HOME": str(home), "LC_ALL": "C.UTF-8", **more}

    def rounds_up_to(self, most: int) -> int:
        """The rounds of a row too slow for all of them."""
        return min(self.rounds, most)
