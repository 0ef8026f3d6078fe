"""Manifests on a real disk, for tests that name only what they are about."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.manifest import LoadedManifest, load_manifest, load_profiles
from pipeline.core.findings.diagnostics import Severity
from pipeline.core.wanted.album import Album, Provider, Song

WORDS = "[Verse]\nStreetlights flicker, the night breeze sighs"
PROFILES = load_profiles()
SONG = f"{{title: One, prompt: a quiet piano waltz, lyrics: {WORDS!r}}}".replace("'", '"')


def load(folder: Path, text: str | bytes, *, provider: Provider | None = None) -> LoadedManifest:
    path = folder / "small-hours.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_manifest(path, profiles=PROFILES, provider=provider, shown_as="small-hours.yaml")


def album_of(folder: Path, text: str) -> Album:
    loaded = load(folder, text)
    assert loaded.album is not None, loaded.diagnostics
    return loaded.album


def only_song(folder: Path, fields: str, *, top: str = "") -> Song:
    """The song whose fields are given, one a line, after the others' defaults."""
    return album_of(folder, manifest(fields, top=top)).songs[0]


def manifest(fields: str, *, top: str = "") -> str:
    lines = "\n".join(f"    {line}" for line in fields.strip("\n").split("\n"))
    return f"album: {{title: Small Hours}}\n{top}\nsongs:\n  one:\n{lines}\n"


def errors(loaded: LoadedManifest) -> list[tuple[int, int, str]]:
    return _findings(loaded, Severity.ERROR)


def warnings(loaded: LoadedManifest) -> list[tuple[int, int, str]]:
    return _findings(loaded, Severity.WARNING)


def _findings(loaded: LoadedManifest, severity: Severity) -> list[tuple[int, int, str]]:
    return [
        (each.position.line, each.position.column, each.message)
        for each in loaded.diagnostics
        if each.severity is severity
    ]


FIELDS_THAT_ARE_NO_METADATA = (
    "title",
    "style",
    "prompt",
    "lyrics",
    "takes",
    "pick",
    "revision",
    "moved_from",
    "tags",
    "model",
    "audio",
    "instrumental",
    "credits",
    "contract",
    "price_usd",
    "length_s",
    "seed",
    "steps",
    "negative_prompt",
    "lyrics_optimizer",
)
