"""Which manifests a command is about, and what must hold among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.adapters.manifest.load import LoadedManifest
from pipeline.adapters.manifest.release_code_check import equal_isrcs, equal_upcs
from pipeline.core.findings.diagnostics import Diagnostic
from pipeline.core.findings.suggestion import closest
from pipeline.core.wanted.digest import digest_of
from pipeline.errors import UsageError

SUFFIXES = frozenset({".yaml", ".yml"})
DEFAULT_FOLDER = Path("manifests")


def find_manifests(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The manifests that files and folders name, each once: a folder's in the order of names.

    Hidden files of a folder are left out. Raises ``UsageError`` for a path that is not there and
    for a folder without manifests.
    """
    by_real_path: dict[Path, Path] = {}
    for path in paths:
        for manifest in _manifests_at(path):
            by_real_path.setdefault(_real(manifest), manifest)
    return tuple(by_real_path.values())


def _manifests_at(path: Path) -> tuple[Path, ...]:
    try:
        if path.is_dir():
            return _manifests_in(path)
        if path.exists():
            return (path,)
    except (OSError, ValueError) as unreadable:
        raise UsageError(
            f"cannot read {path}: {unreadable}", hint="mend its permissions, or name another"
        ) from unreadable
    raise UsageError(f"there is no file or folder {path}", hint=_hint_for_missing(path))


def _manifests_in(folder: Path) -> tuple[Path, ...]:
    found = sorted(
        each
        for each in folder.iterdir()
        if each.suffix in SUFFIXES and not each.name.startswith(".") and each.is_file()
    )
    if not found:
        raise UsageError(
            f"there is no manifest in {folder}",
            hint="put an album's .yaml file there, or write one of your own: songmake init",
        )
    return tuple(found)


def _hint_for_missing(path: Path) -> str:
    try:
        names = sorted(each.name for each in path.parent.iterdir())
    except OSError:
        names = []
    near = closest(path.name, names)
    if near is not None:
        return f"did you mean {path.parent / near}?"
    if path == DEFAULT_FOLDER:
        return "write an album of your own: songmake init"
    return "name a manifest (.yaml) or a folder of them"


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


def check_together(manifests: Sequence[LoadedManifest]) -> tuple[Diagnostic, ...]:
    """Errors where albums share an id or a code, warnings where they ask for the same audio."""
    releases = [each.release for each in manifests if each.release is not None]
    return (
        *_equal_ids(manifests),
        *equal_upcs(releases),
        *equal_isrcs(releases, is_across=True),
        *_equal_requests(manifests),
    )


def _equal_ids(manifests: Sequence[LoadedManifest]) -> Iterator[Diagnostic]:
    first_with: dict[str, LoadedManifest] = {}
    for manifest in manifests:
        if manifest.album is None:
            continue
        other = first_with.setdefault(manifest.album.id, manifest)
        if other is not manifest:
            yield manifest.source.error(
                manifest.id_at,
                f"the album id {manifest.album.id} is taken by {other.source.file}",
                hint=f"add “id: {manifest.album.id}-2” to album, or leave one manifest out",
            )


def _equal_requests(manifests: Sequence[LoadedManifest]) -> Iterator[Diagnostic]:
    first_with: dict[str, tuple[LoadedManifest, str]] = {}
    for manifest in manifests if len(manifests) > 1 else ():
        album = manifest.album
        if album is None:
            continue
        for song in album.songs:
            digest = digest_of(
                song.request, provider=album.provider, take=1, revision=song.revision
            )
            other, name = first_with.setdefault(digest, (manifest, song.id))
            if other is not manifest:
                yield manifest.source.warning(
                    manifest.song_at[song.id],
                    f"{song.id} asks for exactly what {name} of {other.source.file} does:"
                    " one purchase for both",
                    hint=f"“revision: {song.revision + 1}” makes a second performance",
                )
