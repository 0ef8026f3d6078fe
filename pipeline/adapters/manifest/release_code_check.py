"""ISRC and UPC: a code that holds, and one that stands for one recording or one album alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.adapters.manifest.source import Source
from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.diagnostics import Diagnostic
from pipeline.core.wanted.album import Digest, Provider, Song
from pipeline.core.wanted.digest import digest_of
from pipeline.core.wanted.release_codes import gtin_check_digit, is_gtin


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The codes of one manifest, and where in its text they stand: ``isrc_at`` by song id."""

    source: Source
    provider: Provider
    songs: tuple[Song, ...]
    isrc_at: Mapping[str, int] = field(default_factory=dict)
    upc: str | None = None
    upc_at: int | None = None


def wrong_upc(release: Release) -> Iterator[Diagnostic]:
    """An error for a UPC or EAN whose check digit does not agree with the others."""
    upc, at = release.upc, release.upc_at
    if upc is None or at is None or is_gtin(upc):
        return
    yield release.source.error(
        at,
        f"album.upc {excerpt(upc)} ends with {upc[-1]}, and its other digits ask for"
        f" {gtin_check_digit(upc[:-1])}: one of them is wrong",
        hint="copy the code again from where it was assigned",
    )


def equal_upcs(releases: Sequence[Release]) -> Iterator[Diagnostic]:
    """Errors for albums with one code; leading zeros make no other one."""
    first_with: dict[str, Release] = {}
    for release in releases:
        if release.upc is None or release.upc_at is None:
            continue
        other = first_with.setdefault(release.upc.lstrip("0"), release)
        if other is not release and other.upc_at is not None:
            yield release.source.error(
                release.upc_at,
                f"album.upc {excerpt(release.upc)} is the code of another album:"
                f" {_place(other.source, other.upc_at)}",
                hint="each album needs a code of its own; leave it out until it is assigned",
            )


def equal_isrcs(releases: Sequence[Release], *, is_across: bool) -> Iterator[Diagnostic]:
    """Errors for recordings with one code, between releases or within each.

    Songs that ask for the same audio are one recording, and rightly have one code.
    """
    first_with: dict[str, tuple[Release, Song]] = {}
    for release in releases:
        for song in release.songs:
            isrc = song.metadata.get("isrc")
            if not isinstance(isrc, str) or song.id not in release.isrc_at:
                continue
            other, named = first_with.setdefault(isrc, (release, song))
            is_other_recording = _recording(song, release) != _recording(named, other)
            if is_other_recording and (other is not release) is is_across:
                place = _place(other.source, other.isrc_at[named.id])
                yield release.source.error(
                    release.isrc_at[song.id],
                    f"{song.id}: {isrc} is the ISRC of {named.id}: {place}",
                    hint="each recording needs a code of its own; leave it out until it has one",
                )


def _recording(song: Song, release: Release) -> Digest:
    return digest_of(
        song.request, provider=release.provider, take=song.pick, revision=song.revision
    )


def _place(source: Source, index: int) -> str:
    at = source.position(index)
    return f"{source.file}:{at.line}:{at.column}"
