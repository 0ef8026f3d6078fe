"""Writing a first album: checked like any manifest before it is there, and over nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pipeline.adapters.durable import write_atomically
from pipeline.adapters.manifest.load import load_text
from pipeline.adapters.manifest.model_choice import DEFAULT_MODEL
from pipeline.adapters.manifest.schema_files import album_schema_text, load_profiles
from pipeline.adapters.new_file import write_new
from pipeline.core.findings.diagnostics import Severity
from pipeline.core.starter.ignoring import missing_lines, with_lines
from pipeline.core.starter.manifest_text import NewAlbum, manifest_text
from pipeline.core.starter.names import slug_of
from pipeline.core.wanted.profile import ProfileKey
from pipeline.errors import ManifestError, StorageFull, UsageError
from pipeline.runner.workspace import OUTPUT_NAME, STATE_NAME, project_root

MANIFESTS_NAME = "manifests"
SCHEMA_NAME = "album.schema.json"
IN_A_CHECKOUT = f"../schemas/{SCHEMA_NAME}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What was written: the manifest, its schema if there was none, lines of ``.gitignore``."""

    manifest: Path
    schema: Path | None
    ignored: tuple[str, ...]


def manifest_path(place: Path, title: str) -> Path:
    """Where the manifest goes: ``place`` if it is named as one, else below that folder."""
    if place.suffix in (".yaml", ".yml"):
        return place
    return place / MANIFESTS_NAME / f"{slug_of(title) or 'album'}.yaml"


def begin(album: NewAlbum, path: Path) -> Begun:
    """Writes the manifest, and beside it the schema that editors check it with.

    Raises ``UsageError`` if something is at ``path``, ``ManifestError`` if a manifest with these
    words would not hold, ``StorageFull`` if the folder cannot be written.
    """
    has_own = not (path.resolve().parent.parent / "schemas" / SCHEMA_NAME).is_file()
    text = _checked(album, path, SCHEMA_NAME if has_own else IN_A_CHECKOUT)
    if path.exists():
        raise _taken(path)
    _refuse_file_above(path)
    try:
        write_new(path, text.encode())
        schema = _beside(path) if has_own else None
        return Begun(manifest=path, schema=schema, ignored=_keep_out_of_git(path))
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise StorageFull(
            f"{error.filename or path.parent}: cannot write here: {error.strerror or error}",
            hint="mend the folder's permissions, or name another: songmake init FOLDER",
        ) from error


def _refuse_file_above(path: Path) -> None:
    for above in path.parents:
        if above.exists() and not above.is_dir():
            raise UsageError(
                f"{above} is not a folder: nothing was written",
                hint="name a folder, or a file that ends in .yaml: songmake init album.yaml",
            )


def _checked(album: NewAlbum, path: Path, schema: str) -> str:
    profiles = load_profiles()
    price_usd = profiles[ProfileKey(DEFAULT_MODEL)].price_usd
    text = manifest_text(album, schema=schema, price_usd=price_usd or Decimal(0))
    read = load_text(text, path, profiles=profiles, provider=None, shown_as=str(path))
    for found in read.diagnostics:
        if found.severity is Severity.ERROR:
            raise ManifestError(f"{found.message}: nothing was written", hint=found.hint)
    return text


def _beside(manifest: Path) -> Path | None:
    """The schema as a file of the project: it goes with it into git and onto other machines."""
    path = manifest.with_name(SCHEMA_NAME)
    try:
        write_new(path, album_schema_text().encode())
    except FileExistsError:
        return None
    return path


def _keep_out_of_git(manifest: Path) -> tuple[str, ...]:
    """The lines that ``.gitignore`` lacked; none outside a repository."""
    above = manifest.resolve().parents
    repository = next((folder for folder in above if (folder / ".git").exists()), None)
    if repository is None:
        return ()
    project = project_root(manifest, here=repository)
    folders = [
        (project / name).relative_to(repository).as_posix() for name in (STATE_NAME, OUTPUT_NAME)
    ]
    path = (repository / ".gitignore").resolve()
    text = path.read_bytes().decode(errors="surrogateescape") if path.exists() else ""
    lines = missing_lines(text, folders)
    if lines:
        content = with_lines(text, lines).encode(errors="surrogateescape")
        write_atomically(path, content, like=path.stat() if path.exists() else None)
    return lines


def _taken(path: Path) -> UsageError:
    return UsageError(
        f"{path} is there already: nothing was written",
        hint="for another album: songmake init --title TITLE",
    )
