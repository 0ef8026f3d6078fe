"""From a command's words to manifests that were read."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters.manifest.quiet_collector import quiet_collector
from pipeline.core.findings.diagnostics import Diagnostic, Severity
from pipeline.core.findings.phrases import counted
from pipeline.core.wanted.album import Provider
from pipeline.errors import ManifestError
from pipeline.runner.reading import Reading, read_manifests

DEFAULT_MANIFESTS = Path("manifests")


def manifest_paths(named: Sequence[Path]) -> tuple[Path, ...]:
    """The manifests that were named, or the default folder."""
    return tuple(named) or (DEFAULT_MANIFESTS,)


def read_all(manifests: Sequence[Path], provider: str | None) -> Reading:
    """Every named manifest, read and checked."""
    chosen = Provider(provider) if provider else None
    with quiet_collector():
        reading = read_manifests(manifest_paths(manifests), provider=chosen)
        gc.freeze()  # it stays as long as the command, which no collection has to walk it for
    return reading


def shown(diagnostics: Sequence[Diagnostic], *, is_quiet: bool) -> tuple[Diagnostic, ...]:
    """All findings, or only the errors."""
    return tuple(found for found in diagnostics if not is_quiet or found.severity is Severity.ERROR)


def refuse_errors(reading: Reading) -> None:
    """Raises ``ManifestError`` if a manifest does not hold."""
    if reading.albums is None:
        count = reading.errors
        raise ManifestError(
            f"{counted(count, 'error')} in the manifests: nothing was sent",
            hint="mend them, then the same command again",
        )
