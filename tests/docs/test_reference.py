"""The checked-in reference is what the code says today."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generator.__main__ import FOLDER
from docs.generator.comments import comments_of
from docs.generator.documents import load
from docs.generator.manifest import price_of
from docs.generator.pages import pages
from pipeline.core.purchase.attempt import State
from pipeline.core.wanted.takes import wanted_takes
from pipeline.errors import ExitCode
from pipeline.runner.reading import read_manifests
from tests.builders import song, write_manifest

OTHER_MODELS = {
    "length_s": {"model": "elevenlabs/eleven_music", "price_usd": 0.1},
    "seed": {"model": "google/lyria2", "price_usd": 0.1, "lyrics": None},
    "negative_prompt": {"model": "google/lyria2", "price_usd": 0.1, "lyrics": None},
    "steps": {"model": "stable-audio", "price_usd": 0.1, "lyrics": None},
    "instrumental": {"contract": "2026-04", "lyrics": None},
    "lyrics_optimizer": {"contract": "2026-04", "lyrics": None},
}
CHANGED = {
    "title": "Another title", "explicit": True, "instrumental": True, "lyrics_optimizer": True,
    "lyrics": "[Verse]\nSome other words are sung here", "model": "minimax/music-2.0",
    "audio": {"format": "wav"}, "tags": ["closer"], "pick": 2, "takes": 3, "contract": "2026-04",
    "moved_from": "an-older-id",
}  # fmt: skip
FIELDS = sorted(load("album")["$defs"]["song"]["properties"])


def test_the_reference_is_what_the_code_says():
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    stale = sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))
    assert not stale, f"{', '.join(stale)}: out of step with the code; type: make reference"


@pytest.mark.parametrize("kind", [ExitCode, State])
def test_every_member_is_explained_by_a_comment_of_its_own(kind):
    told = comments_of(kind)
    assert set(told) == set(kind.__members__)
    assert len(set(told.values())) == len(told)


def test_what_the_reference_calls_free_buys_nothing_and_the_rest_does(project: Path):
    wanted = {}
    for place, name in enumerate(FIELDS):
        usual = OTHER_MODELS.get(name, {})
        wanted[f"before-{place}"] = without_nothing(song(**usual))
        wanted[f"after-{place}"] = without_nothing(song(**{**usual, name: changed(name)}))
    path = write_manifest(
        project, wanted, styles={"cafe": "indie folk", "rain": "with rain"},
        defaults={"price_usd": 0.1},  # known for every model
    )  # fmt: skip
    reading = read_manifests((path,), provider=None)
    assert reading.albums, reading.diagnostics
    bought: dict[str, set[str]] = {}
    for take in wanted_takes(reading.albums[0], reading.profiles):
        bought.setdefault(take.ref.song, set()).add(take.digest)
    for place, name in enumerate(FIELDS):
        more = bought[f"after-{place}"] - bought[f"before-{place}"]
        assert bool(more) == (price_of("songs", name) != "free"), name


def changed(name: str) -> object:
    """Another value of a song's field."""
    schema = load("album")["$defs"]["song"]["properties"][name]
    if "$ref" in schema:
        schema = {**load("album")["$defs"][schema["$ref"].rpartition("/")[2]], **schema}
    return CHANGED.get(name, schema.get("examples", [None])[0])


def without_nothing(fields: dict[str, object]) -> dict[str, object]:
    return {name: told for name, told in fields.items() if told is not None}
