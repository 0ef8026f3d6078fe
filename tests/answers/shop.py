"""A project whose vendor is the double, with songs named for what is to happen to them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.builders import song, write_manifest
from tests.command import Songmake
from tests.vendor.audio import render_audio
from tests.vendor.client import Vendor
from tests.vendor.ledger import Generation, Received

PRICE = "0.195000"
NOTHING = "0.000000"


def mark(name: str) -> str:
    """The words of a prompt by which a fault finds its song."""
    return f"({name})"


def songs_called(*names: str, **fields: Any) -> dict[str, Any]:
    """Songs whose ids are ``names`` and whose prompts carry their marks."""
    return {
        name: song(name.title(), prompt=f"warm indie folk, 92 BPM {mark(name)}", **fields)
        for name in names
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One project, one vendor, and the command between them."""

    project: Path
    vendor: Vendor
    songmake: Songmake

    def offer(self, *names: str, **fields: Any) -> Path:
        """Writes the album of these songs."""
        return write_manifest(self.project, songs_called(*names), **fields)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Every attempt at a song, oldest first, as the cost report has it."""
        found = [row for row in self.songmake.report()["takes"] if row["song"] == name]
        return sorted(found, key=lambda row: row["attempt"])

    def row(self, name: str) -> dict[str, Any]:
        """The latest attempt at a song."""
        return self.rows(name)[-1]

    def money(self, name: str) -> tuple[str, str, str]:
        """Charged, held and in-doubt dollars of the latest attempt."""
        row = self.row(name)
        return row["charged_usd"], row["held_usd"], row["in_doubt_usd"]

    def posts(self, name: str) -> tuple[Received, ...]:
        """Every POST for a song that arrived whole."""
        identity = self.row(name)["client_request_id"].split(".")[1]
        return tuple(
            post
            for post in self.vendor.ledger().of("post")
            if (post.client_request_id or "").split(".")[1:2] == [identity]
        )

    def sold(self, name: str) -> tuple[Generation, ...]:
        """What the vendor was paid for a song."""
        return tuple(
            one for one in self.vendor.ledger().accepted if mark(name) in one.body["prompt"]
        )

    def requests(self, kind: str, name: str) -> tuple[Received, ...]:
        """Polls or downloads of a song."""
        ids = {one.id for one in self.sold(name)}
        return tuple(one for one in self.vendor.ledger().of(kind) if one.generation_id in ids)


@contextmanager
def open_shop(**settings: Any) -> Iterator[Shop]:
    """A shop in a temporary folder, with the vendor's settings."""
    with tempfile.TemporaryDirectory(prefix="shop-") as folder, Vendor(**settings) as vendor:
        project = Path(folder)
        (project / ".git").mkdir()
        (project / "manifests").mkdir()
        yield Shop(
            project=project,
            vendor=vendor,
            songmake=Songmake(project=project, environment=vendor.environment),
        )
        assert vendor.complaints() == ""


def recording(generation_id: str) -> str:
    """The checksum of what the vendor delivers for a generation with the default settings."""
    raw = render_audio(
        generation_id,
        audio_format="mp3",
        sample_rate=44100,
        bitrate=256000,
        seconds=1.0,
        channels=2,
    )
    return hashlib.sha256(raw).hexdigest()
