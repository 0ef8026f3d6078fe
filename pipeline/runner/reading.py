"""Manifests to albums or findings: all that a command needs which looks at nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.manifest.find import check_together, find_manifests
from pipeline.adapters.manifest.load import LoadedManifest, load_manifest
from pipeline.adapters.manifest.schema_files import load_profiles
from pipeline.core.findings.diagnostics import Diagnostic, Severity
from pipeline.core.wanted.album import Album, Provider
from pipeline.core.wanted.profile import Profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Manifests as read: every finding, and the albums if none of them is an error."""

    albums: tuple[Album, ...] | None
    diagnostics: tuple[Diagnostic, ...]
    profiles: Profiles

    @property
    def errors(self) -> int:
        """How many findings stop the command."""
        return sum(found.severity is Severity.ERROR for found in self.diagnostics)


def read_manifests(paths: Sequence[Path], *, provider: Provider | None) -> Reading:
    """Loads and checks every manifest; raises ``UsageError`` if there is none."""
    profiles = load_profiles()
    return reading_of(load_manifests(paths, profiles, provider=provider), profiles)


def load_manifests(
    paths: Sequence[Path], profiles: Profiles, *, provider: Provider | None
) -> tuple[LoadedManifest, ...]:
    """Every manifest with its text; raises ``UsageError`` if there is none."""
    return tuple(
        load_manifest(path, profiles=profiles, provider=provider, shown_as=str(path))
        for path in find_manifests(paths)
    )


def reading_of(loaded: Sequence[LoadedManifest], profiles: Profiles) -> Reading:
    """Loaded manifests, checked by themselves and together."""
    findings = [found for manifest in loaded for found in manifest.diagnostics]
    findings += check_together(loaded)
    albums = tuple(manifest.album for manifest in loaded if manifest.album is not None)
    is_valid = all(found.severity is not Severity.ERROR for found in findings)
    return Reading(
        albums=albums if is_valid else None, diagnostics=tuple(findings), profiles=profiles
    )
