"""A manifest file to an album, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.adapters.manifest.album_reading import AlbumReading
from pipeline.adapters.manifest.quiet_collector import quiet_collector
from pipeline.adapters.manifest.release_code_check import Release
from pipeline.adapters.manifest.schema_check import check_schema
from pipeline.adapters.manifest.schema_files import load_album_schema
from pipeline.adapters.manifest.source import Source, Unreadable, read_text
from pipeline.adapters.manifest.tree_builder import MOST_FINDINGS
from pipeline.adapters.manifest.yaml_source import parse_yaml
from pipeline.core.findings.diagnostics import Diagnostic, Severity
from pipeline.core.wanted.album import Album, Provider
from pipeline.core.wanted.profile import Profiles

MOST_MANIFEST_BYTES = 24 * 1024 * 1024  # 10,000 songs with their lyrics inside


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedManifest:
    """``album`` is None if and only if one of the ``diagnostics`` is an error.

    The diagnostics are in the order of their places, the manifest's own first. ``id_at``,
    ``song_at`` (by song id) and ``release`` say where in the text of ``source`` later findings
    belong.
    """

    album: Album | None
    diagnostics: tuple[Diagnostic, ...]
    source: Source = field(repr=False)
    id_at: int = 0
    song_at: Mapping[str, int] = field(default_factory=dict, repr=False)
    release: Release | None = field(default=None, repr=False)


def load_manifest(
    path: Path, *, profiles: Profiles, provider: Provider | None, shown_as: str
) -> LoadedManifest:
    """Reads a manifest and the lyrics files that it names, once.

    ``provider`` overrides the manifest's, ``shown_as`` is the path in messages. Whatever the file
    holds ends as an album or as findings; no exception is meant for the caller.
    """
    try:
        source = Source(shown_as, read_text(path, most_bytes=MOST_MANIFEST_BYTES))
    except Unreadable as unreadable:
        source = Source(shown_as, "")
        message = f"the manifest {unreadable.message}"
        finding = source.error(unreadable.position, message, hint=unreadable.hint)
        return LoadedManifest(album=None, diagnostics=(finding,), source=source)
    return _read(source, path, profiles, provider)


def load_text(
    text: str, path: Path, *, profiles: Profiles, provider: Provider | None, shown_as: str
) -> LoadedManifest:
    """What :func:`load_manifest` would say if the manifest at ``path`` held this text."""
    return _read(Source(shown_as, text), path, profiles, provider)


def _read(
    source: Source, path: Path, profiles: Profiles, provider: Provider | None
) -> LoadedManifest:
    with quiet_collector():
        return _checked(source, path, profiles, provider)


def _checked(
    source: Source, path: Path, profiles: Profiles, provider: Provider | None
) -> LoadedManifest:
    parsed = parse_yaml(source)
    if parsed.root is None:
        return LoadedManifest(
            album=None, diagnostics=_in_order(parsed.findings, source.file), source=source
        )
    checked = check_schema(parsed.root, load_album_schema(), source)
    if checked.is_cut:  # nothing in it can be trusted to be what the schema says
        findings = _in_order((*parsed.findings, *checked.findings), source.file)
        return LoadedManifest(album=None, diagnostics=findings, source=source)
    reading = AlbumReading(
        root=parsed.root, checked=checked, source=source, path=path, profiles=profiles
    )
    album = reading.album(provider)
    findings = _in_order((*parsed.findings, *checked.findings, *reading.findings), source.file)
    if any(each.severity is Severity.ERROR for each in findings):
        album = None
    return LoadedManifest(
        album=album,
        diagnostics=findings,
        source=source,
        id_at=reading.id_at,
        song_at=reading.song_at,
        release=reading.release,
    )


def _in_order(findings: tuple[Diagnostic, ...], own_file: str) -> tuple[Diagnostic, ...]:
    """Each finding once, errors kept before warnings where there are too many, in reading order."""
    once = list(dict.fromkeys(findings))
    once.sort(key=lambda each: each.severity is not Severity.ERROR)
    kept = sorted(once[:MOST_FINDINGS], key=lambda each: _place(each, own_file))
    return tuple(kept)


def _place(finding: Diagnostic, own_file: str) -> tuple[bool, str, int, int]:
    at = finding.position
    return finding.file != own_file, finding.file, at.line, at.column
