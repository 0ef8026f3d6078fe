"""The album's cover: a picture in memory, and what stores ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.core.formats.picture import PictureFacts, PictureKind

LEAST_PIXELS = 1400  # what stores refuse below; Apple and Spotify ask for as much
GOOD_PIXELS = 3000  # what they ask for
MOST_GOOD_BYTES = 10_000_000  # what most of them take; it is also in every track


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A cover as the manifest's folder holds it, read once; ``checksum`` is the sha256."""

    kind: PictureKind
    width: int
    height: int
    checksum: str
    content: bytes = field(repr=False)

    @property
    def file_name(self) -> str:
        """Its name in the album's folder."""
        return f"cover.{self.kind.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverFinding:
    """What is wrong with a cover, as the end of a sentence about it, and what to do."""

    message: str
    hint: str
    is_error: bool = False


def check_cover(facts: PictureFacts, *, size_bytes: int) -> Iterator[CoverFinding]:
    """Everything that a store would refuse a cover for, or show badly."""
    pixels = f"{facts.width} × {facts.height} pixels"
    side = min(facts.width, facts.height)
    if facts.width != facts.height:
        yield CoverFinding(
            message=f"is not square: {pixels}", hint=f"crop it to {side} × {side}", is_error=True
        )
    if side < LEAST_PIXELS:
        yield CoverFinding(
            message=f"is too small: {pixels}",
            hint=f"stores take {LEAST_PIXELS} × {LEAST_PIXELS} at least, "
            f"better {GOOD_PIXELS} × {GOOD_PIXELS}",
            is_error=True,
        )
    elif side < GOOD_PIXELS:
        yield CoverFinding(
            message=f"is small for a store: {pixels}",
            hint=f"most ask for {GOOD_PIXELS} × {GOOD_PIXELS}",
        )
    if size_bytes > MOST_GOOD_BYTES:
        yield CoverFinding(
            message=f"is large: {size_bytes / 1e6:.1f} MB, and every track carries it",
            hint=f"most stores take {MOST_GOOD_BYTES // 1_000_000} MB: save it as a JPEG",
        )
    if facts.oddities:
        yield CoverFinding(
            message=f"may be refused or shown wrongly: {', '.join(facts.oddities)}",
            hint="save it as a baseline JPEG or a plain PNG, RGB with 8 bits a channel",
        )
