"""What editors show beside each field is of use, and what it says of money is true."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.manifest import load_album_schema
from pipeline.adapters.manifest.schema_files import album_schema_text
from pipeline.adapters.manifest.validators import strict_validator
from pipeline.core.wanted.takes import wanted_takes
from tests.adapters.manifest_files import PROFILES, load
from tests.builders import LYRICS
from tests.pictures import jpeg_of

SCHEMA: Any = load_album_schema()
PLAIN: Any = json.loads(album_schema_text())  # numbers as JSON has them: examples become manifests
FREE, ANEW = "free to change", "buys the song anew"
# What else is said of money, in its own words; each has its own test below.
OWN_WORDS = {
    "provider": "Going to aimlapi buys every song",
    "defaults": "What changing a field costs is said at the field",
    "styles": "changing one that is used buys those songs anew",
    "styles.*": "Changing it buys every song that uses it anew",
    "songs": "Adding a song buys it",
    "takes": "Raising it buys only the takes that are missing; lowering it is free",
}
WORDLESS = {"lyrics": None}
BASES: dict[str, dict[str, Any]] = {
    "length_s": {**WORDLESS, "model": "stable-audio"},
    "steps": {**WORDLESS, "model": "stable-audio"},
    "seed": {**WORDLESS, "model": "google/lyria2"},
    "negative_prompt": {**WORDLESS, "model": "google/lyria2"},
    "instrumental": {"contract": "2026-04"},
    "lyrics_optimizer": {"contract": "2026-04"},
    "pick": {"takes": 2},
}
EXCLUDES_LYRICS = {"instrumental", "lyrics_optimizer"}

Document = dict[str, Any]


def resolved(field: Mapping[str, Any], schema: Any = PLAIN) -> dict[str, Any]:
    if "$ref" not in field:
        return dict(field)
    return resolved(schema["$defs"][field["$ref"].removeprefix("#/$defs/")], schema) | dict(field)


def below(field: Mapping[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field, list entry and free key below a schema, with what it refers to."""
    for name, inner in field.get("properties", {}).items():
        whole = resolved(inner)
        yield f"{path}{name}", whole
        yield from below(whole, f"{path}{name}.")
    for key, step in (("items", "[]"), ("additionalProperties", "*")):
        if isinstance(field.get(key), dict):
            whole = resolved(field[key])
            yield f"{path}{step}", whole
            yield from below(whole, f"{path}{step}.")


EVERYTHING = [("", PLAIN), *below(PLAIN, "")]
FIELDS = {path: field for path, field in EVERYTHING if path and not path.endswith(("*", "[]"))}


def claims(path: str, field: Mapping[str, Any]) -> list[str]:
    said = field["description"].casefold()
    own = OWN_WORDS.get(path) or OWN_WORDS.get(path.rpartition(".")[2])
    return [words for words in (FREE, ANEW, own) if words and words.casefold() in said]


def test_every_field_has_a_text_that_is_worth_reading():
    for path, field in EVERYTHING:
        assert field["title"], path
        assert len(field["description"]) >= 25, path
        assert field["description"].endswith("."), path
        for value in field.get("enum", ()):
            assert f"`{value}`" in field["description"], path
        assert len(field.get("enumDescriptions", ())) == len(field.get("enum", ())), path


def test_every_field_has_examples_that_it_would_accept():
    for path, field in EVERYTHING:
        assert field["examples"], path
        exact = resolved(_at(path), SCHEMA)
        validator = strict_validator({**exact, "$defs": SCHEMA["$defs"]})
        for example in exact["examples"]:
            assert list(validator.iter_errors(example)) == [], path


def _at(path: str) -> Any:
    found = SCHEMA
    for step in filter(None, path.split(".")):
        name = {"*": "additionalProperties", "[]": "items"}.get(step)
        found = resolved(found, SCHEMA)
        found = found[name] if name else found["properties"][step]
    return found


def test_every_field_says_once_what_changing_it_costs():
    assert [path for path in FIELDS if len(claims(path, FIELDS[path])) != 1] == []


def is_leaf(path: str) -> bool:
    is_whole = not any(other.startswith(f"{path}.") for other in FIELDS)
    return (is_whole or path == "songs.*.lyrics") and "[]" not in path


LEAVES = [path for path in FIELDS if is_leaf(path) and path != "songs.*.lyrics.file"]
FREE_LEAVES = [path for path in LEAVES if claims(path, FIELDS[path]) == [FREE]]
DEAR_LEAVES = [path for path in LEAVES if claims(path, FIELDS[path]) == [ANEW]]


def digests(folder: Path, document: Document) -> dict[tuple[str, int], str]:
    """What each take is bought as."""
    loaded = load(folder, json.dumps(document))
    assert loaded.album is not None, [each.message for each in loaded.diagnostics]
    takes = wanted_takes(loaded.album, PROFILES)
    return {(take.ref.song, take.ref.number): take.digest for take in takes}


def a_document(**song: Any) -> Document:
    return {
        "album": {"title": "An album"},
        "provider": "aimlapi",
        "styles": {"cafe": "warm indie folk", "rain": "soft rain"},
        "songs": {
            "one": {"title": "One", "prompt": "a quiet waltz", "lyrics": LYRICS, "price_usd": 1}
            | song,
            "two": {"title": "Two", "prompt": "another waltz", "lyrics": LYRICS},
        },
    }


def set_at(document: Document, path: str, value: Any) -> None:
    steps = path.replace("songs.*", "songs.one").split(".")
    place = document
    for step in steps[:-1]:
        place = place.setdefault(step, {})
    place[steps[-1]] = value


def with_value(path: str, value: Any) -> Document:
    """A valid manifest in which the field at ``path`` has a value."""
    name = path.rpartition(".")[2]
    document = deepcopy(a_document(**BASES.get(name, {})))
    song = document["songs"]["one"]
    if name in EXCLUDES_LYRICS and value is True:
        song["lyrics"] = None
    if path.startswith("defaults."):
        song.pop(path.split(".")[1], None)
        document["songs"].pop("two")
    set_at(document, path, value)
    document["songs"]["one"] = {key: each for key, each in song.items() if each is not None}
    return document


@pytest.mark.parametrize("path", DEAR_LEAVES)
def test_what_is_said_to_buy_the_song_anew_does_so(path: str, tmp_path: Path):
    before, after = (
        digests(tmp_path, with_value(path, each)) for each in FIELDS[path]["examples"][:2]
    )
    assert {key for key in before if before[key] != after[key]} == {("one", 1)}


def test_what_is_said_to_be_free_buys_nothing(tmp_path: Path):
    (tmp_path / "art").mkdir()
    for name in ("cover.jpg", "cover.png"):
        (tmp_path / "art" / name).write_bytes(jpeg_of(1400))
    first, second = a_document(takes=2), a_document(takes=2)
    for path in FREE_LEAVES:
        one, other = FIELDS[path]["examples"][:2]
        set_at(first, path, one)
        set_at(second, path, other)
    assert first != second
    assert digests(tmp_path, first) == digests(tmp_path, second)


def test_nearly_all_fields_were_asked():
    others = set(LEAVES) - set(FREE_LEAVES) - set(DEAR_LEAVES)
    assert others == {"provider", "styles", "songs.*.takes", "defaults.takes"}
    assert (len(FREE_LEAVES) > 60, len(DEAR_LEAVES) > 20) == (True, True)


def test_another_provider_and_another_fragment_buy_what_they_say(tmp_path: Path):
    bought = digests(tmp_path, a_document(style="cafe"))
    other = a_document(style="cafe")
    other["provider"] = "sketch"
    assert not set(digests(tmp_path, other).values()) & set(bought.values())
    other = a_document(style="cafe")
    other["styles"] = {"cafe": "cold indie folk", "rain": "hard rain"}
    found = digests(tmp_path, other)
    assert [found[key] == bought[key] for key in (("one", 1), ("two", 1))] == [False, True]
    renamed = a_document(style="bar")
    renamed["styles"] = {"bar": "warm indie folk"}
    assert digests(tmp_path, renamed) == bought


def test_more_takes_and_more_songs_buy_only_themselves(tmp_path: Path):
    bought = digests(tmp_path, a_document())
    more = digests(tmp_path, a_document(takes=3))
    assert {key: more[key] for key in bought} == bought
    assert more.keys() - bought.keys() == {("one", 2), ("one", 3)}
    other = a_document()
    other["songs"] = {"two": other["songs"]["two"], "new": {**other["songs"]["one"], "revision": 1}}
    found = digests(tmp_path, other)
    assert found["two", 1] == bought["two", 1]
    assert found["new", 1] not in bought.values()


def test_words_that_move_to_a_file_are_the_same_words(tmp_path: Path):
    bought = digests(tmp_path, a_document())
    for name in FIELDS["songs.*.lyrics.file"]["examples"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{LYRICS}\n", encoding="utf-8")
        assert digests(tmp_path, a_document(lyrics={"file": name})) == bought
