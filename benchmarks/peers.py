"""The programs that songmake is compared with, and where they are."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path


class PeerMissing(Exception):
    """A peer is not on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Those of requirements.txt lie in ``bin``; curl is the system's.

    Each property raises PeerMissing where its program is not there.
    """

    bin: Path

    @property
    def doit(self) -> Path:
        """The task runner doit."""
        return self._brought("doit")

    @property
    def snakemake(self) -> Path:
        """Snakemake."""
        return self._brought("snakemake")

    @property
    def dvc(self) -> Path:
        """DVC."""
        return self._brought("dvc")

    @property
    def ninja(self) -> Path:
        """Ninja."""
        return self._brought("ninja")

    @property
    def curl(self) -> Path:
        """The system's curl."""
        found = shutil.which("curl")
        if found is None:
            raise PeerMissing("curl is not on this machine; hint: apt-get install curl")
        return Path(found)

    def _brought(self, name: str) -> Path:
        path = self.bin / name
        if not path.exists():
            raise PeerMissing(f"{path} is not there; hint: make bench")
        return path
