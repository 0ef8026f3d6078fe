from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.adapters.manifest import load_album_schema, load_profiles
from pipeline.adapters.manifest.album_reading import ALBUM_METADATA, DEFAULT_PROVIDER
from pipeline.adapters.manifest.model_choice import DEFAULT_MODEL
from pipeline.adapters.manifest.song_reading import (
    DEFAULT_PICK,
    DEFAULT_REVISION,
    DEFAULT_TAKES,
    SONG_METADATA,
)
from pipeline.adapters.manifest.validators import strict_validator
from pipeline.core.wanted.album import AudioFormat, Provider
from tests.adapters.manifest_files import FIELDS_THAT_ARE_NO_METADATA

SCHEMA: Any = load_album_schema()
SONG = SCHEMA["$defs"]["song"]["properties"]


def resolved(field: Mapping[str, Any]) -> dict[str, Any]:
    """A field's schema with what it refers to written out below it."""
    if "$ref" not in field:
        return dict(field)
    return resolved(SCHEMA["$defs"][field["$ref"].removeprefix("#/$defs/")]) | dict(field)


def fields(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in schema.get("properties", {}).items():
        whole = resolved(field)
        yield f"{path}{name}", whole
        yield from fields(whole, f"{path}{name}.")


ALL_FIELDS = [*fields(SCHEMA), *fields(SCHEMA["$defs"]["song"], "songs.")]


def test_the_schema_is_itself_valid():
    Draft202012Validator.check_schema(SCHEMA)


def test_unknown_keys_are_refused_in_every_closed_mapping():
    closed = [SCHEMA, SCHEMA["$defs"]["song"], *(field for _, field in ALL_FIELDS)]
    for schema in closed:
        if "properties" in schema:
            assert schema["additionalProperties"] is False


def test_schema_and_loader_have_the_same_defaults():
    assert resolved(SONG["model"])["default"] == DEFAULT_MODEL
    assert resolved(SONG["takes"])["default"] == DEFAULT_TAKES
    assert resolved(SONG["pick"])["default"] == DEFAULT_PICK
    assert resolved(SONG["revision"])["default"] == DEFAULT_REVISION
    assert resolved(SONG["instrumental"])["default"] is False
    assert SCHEMA["properties"]["provider"]["default"] == DEFAULT_PROVIDER


def test_schema_and_code_know_the_same_words():
    assert set(SCHEMA["properties"]["provider"]["enum"]) == set(Provider)
    assert set(SCHEMA["$defs"]["audio"]["properties"]["format"]["enum"]) == set(AudioFormat)
    assert set(SONG) == {*SONG_METADATA, *FIELDS_THAT_ARE_NO_METADATA}
    album = SCHEMA["properties"]["album"]["properties"]
    assert set(album) == {*ALBUM_METADATA, "title", "id", "artist", "year", "cover"}


def test_defaults_offer_only_what_a_song_has_too():
    defaults = SCHEMA["properties"]["defaults"]["properties"]
    assert set(defaults) < set(SONG)
    for name, field in defaults.items():
        assert field == SONG[name]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "pattern": "^[a-z]+$"}, "a\n"),
        ({"type": "integer"}, Decimal("2.0")),
        ({"type": "integer"}, True),
        ({"type": "number"}, True),
    ],
)
def test_the_traps_of_the_validator_are_closed(schema: dict[str, Any], value: object):
    assert list(strict_validator(schema).iter_errors(value)) != []


def test_schemas_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert load_profiles()
    assert load_album_schema()["$id"] == "urn:songmake:album:1"
