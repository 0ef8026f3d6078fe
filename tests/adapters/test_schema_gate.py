import gc
import sys
from decimal import Decimal
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.adapters.manifest import find_manifests, load_album_schema
from pipeline.adapters.manifest.gated_schema import GatedSchema
from pipeline.adapters.manifest.nodes import plain
from pipeline.adapters.manifest.quiet_collector import quiet_collector
from pipeline.adapters.manifest.schema_gate import NotGateable, gate_of
from pipeline.adapters.manifest.source import Source
from pipeline.adapters.manifest.validators import narrow_validator, strict_validator
from pipeline.adapters.manifest.yaml_source import parse_yaml
from tests.adapters.manifest_files import PROFILES
from tests.adapters.schema_shapes import ANYTHING, NUMBERS, SCALARS, TEXTS, near

ROOT = Path(__file__).parents[2]
ALBUM = load_album_schema()
SCHEMAS = (ALBUM, *(profile.request_schema for profile in PROFILES.values()))
GATES = [gate_of(schema) for schema in SCHEMAS]
STRICT = [strict_validator(schema) for schema in SCHEMAS]
NARROW = [narrow_validator(schema) for schema in SCHEMAS]

VALUES = st.one_of(
    *(st.tuples(st.just(0), near(ALBUM)) for _ in SCHEMAS),
    *(st.tuples(st.just(n), near(each)) for n, each in enumerate(SCHEMAS)),
)
fuzzed = settings(deadline=None, suppress_health_check=list(HealthCheck))


def told(errors: Any) -> list[tuple[object, ...]]:
    return [(*each.absolute_path, each.validator, each.message) for each in errors]


def agree_on_errors(narrow: Any, strict: Any, value: object) -> bool:
    """Whether there are none."""
    errors = told(strict.iter_errors(value))
    assert sorted(told(narrow.iter_errors(value)), key=repr) == sorted(errors, key=repr)
    return not errors


def agree(case: tuple[int, object]) -> None:
    """What the gate accepts has no errors, and what it refuses has some."""
    number, value = case
    assert GATES[number](value) == agree_on_errors(NARROW[number], STRICT[number], value)


@settings(fuzzed, max_examples=120)
@given(VALUES)
def test_the_gate_and_jsonschema_agree_on_what_is_nearly_a_manifest_or_a_request(
    case: tuple[int, object],
):
    agree(case)


@pytest.mark.torture
@settings(fuzzed, max_examples=20_000)
@given(VALUES)
def test_the_gate_and_jsonschema_agree_for_a_long_time(case: tuple[int, object]):
    agree(case)


COUNTS = st.integers(0, 3)
LIMITS = st.sampled_from([each for each in NUMBERS if not isinstance(each, bool)])
KINDS = st.sampled_from(
    ("string", "integer", "number", "boolean", "null", "array", "object", ["string", "array"])
)
RULES = {
    "type": KINDS,
    "enum": st.lists(SCALARS, min_size=1, max_size=4),
    "const": SCALARS,
    "pattern": st.sampled_from((r"\S", r"^\S(.*\S)?$", "^[a-z]+$", "^a", "b$", "^(a|b)$", "")),
    "minLength": COUNTS,
    "maxLength": COUNTS,
    "minItems": COUNTS,
    "maxItems": COUNTS,
    "minProperties": COUNTS,
    "maxProperties": COUNTS,
    "minimum": LIMITS,
    "maximum": LIMITS,
    "exclusiveMinimum": LIMITS,
    "exclusiveMaximum": LIMITS,
    "required": st.lists(st.sampled_from(("title", "x", "<<")), max_size=2, unique=True),
    "not": st.sampled_from(({"required": ["title"]}, {"required": ["x", "file"]})),
    "$ref": st.sampled_from(("#/$defs/text", "#/$defs/few")),
}
DEFINITIONS = {"text": {"type": "string", "maxLength": 3}, "few": {"maxItems": 1}}
RANDOM_SCHEMAS = st.recursive(
    st.one_of(st.booleans(), st.fixed_dictionaries({}, optional=RULES)),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            **RULES,
            "items": inner,
            "propertyNames": inner,
            "additionalProperties": inner,
            "properties": st.dictionaries(st.sampled_from(("title", "x", "file")), inner),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
        },
    ),
    max_leaves=4,
).filter(lambda each: isinstance(each, dict))


def edges(schema: dict[str, Any]) -> list[object]:
    """The values on both sides of what the schema's own rules say."""
    limits = [schema[rule] for rule in RULES if "imum" in rule and rule in schema]
    known = [*schema.get("enum", ()), schema.get("const")]
    return [
        *(limit + step for limit in limits for step in (-1, Decimal("-0.1"), 0, Decimal("0.1"), 1)),
        *known,
        *(each == 1 if isinstance(each, int | Decimal) else [each] for each in known),
    ]


@settings(fuzzed, max_examples=60)
@given(schema=RANDOM_SCHEMAS, values=st.lists(ANYTHING, max_size=6))
@example(schema={"enum": [1]}, values=[True, Decimal("1.0"), "1"])
@example(schema={"const": True}, values=[1, Decimal(1)])
@example(schema={"const": 0}, values=[False, Decimal("-0.0")])
@example(schema={"type": "integer"}, values=[Decimal("2.0"), True])
@example(schema={"pattern": "^[a-z]+$"}, values=["one\n"])
@example(schema={"maxLength": 1}, values=["𝄞", "e\u0301"])
def test_the_gate_and_jsonschema_agree_on_every_keyword_that_the_gate_knows(
    schema: dict[str, Any], values: list[object]
):
    schema = {**schema, "$defs": DEFINITIONS}
    gate, strict, narrow = gate_of(schema), strict_validator(schema), narrow_validator(schema)
    for value in (*values, *TEXTS[:8], *NUMBERS, *edges(schema), None, [], {}):
        assert gate(value) == agree_on_errors(narrow, strict, value), value


@pytest.mark.parametrize(
    "schema",
    [
        {"uniqueItems": True},
        {"patternProperties": {"^x": True}},
        {"prefixItems": [True]},
        {"oneOf": [True]},
        {"if": True, "then": False},
        {"format": "date"},
        {"multipleOf": 2},
        {"minimum": 0.5},
        {"maxLength": 2.0},
        {"type": "text"},
        {"enum": [[1]]},
        {"const": {}},
        {"not": {"type": "string"}},
        {"$ref": "other.json"},
        {"$ref": "#/$defs/absent"},
        {"$ref": "#/$defs/again", "$defs": {"again": {"items": {"$ref": "#/$defs/again"}}}},
        {"items": {"$id": "urn:x"}},
        {"$schema": "http://json-schema.org/draft-07/schema#"},
        {"properties": {"a": {"dependentRequired": {"a": ["b"]}}}},
    ],
    ids=repr,
)
def test_no_gate_is_built_from_what_it_does_not_know_to_the_letter(schema: dict[str, Any]):
    with pytest.raises(NotGateable):
        gate_of(schema)


def test_a_schema_without_a_gate_is_checked_all_the_same():
    schema = GatedSchema({"type": "array", "uniqueItems": True, "items": {"type": "integer"}})
    assert list(schema.iter_errors([1, 2])) == []
    assert [each.validator for each in schema.iter_errors([1, 1])] == ["uniqueItems"]


def valid_manifests() -> list[Path]:
    examples = ROOT / "tests" / "examples" / "valid"
    return [*sorted(examples.glob("*.yaml")), *find_manifests([ROOT / "manifests"])]


@pytest.mark.parametrize("path", valid_manifests(), ids=lambda path: path.name)
def test_every_valid_manifest_passes_the_gate(path: Path):
    root = parse_yaml(Source(path.name, path.read_text())).root
    assert root is not None
    assert GATES[0](plain(root))


LOADING = """
import sys
from pathlib import Path
from pipeline.adapters.manifest import load_manifest, load_profiles
for path in map(Path, sys.argv[1:]):
    loaded = load_manifest(path, profiles=load_profiles(), provider=None, shown_as=path.name)
    print(loaded.album is not None, "jsonschema" in sys.modules)
"""


def test_jsonschema_is_loaded_only_once_there_is_an_error_to_word(tmp_path: Path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("album: {title: [x]}\nsongs: {}\n")
    paths = (find_manifests([ROOT / "manifests"])[0], broken)
    command = [sys.executable, "-c", LOADING, *map(str, paths)]
    said = run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "False", "False", "True"]


def test_among_ten_thousand_songs_the_broken_ones_alone_are_told_and_in_their_order():
    songs = {f"song-{n}": {"title": "One", "takes": 1} for n in range(10_000)}
    songs["song-7"] = {"title": 7}
    songs["song-5000"] = {"titel": "One"}
    songs["Song"] = {"title": "One", "takes": Decimal("1.0")}
    errors = told(GatedSchema(ALBUM).iter_errors({"album": {"title": "Big"}, "songs": songs}))
    assert [(error[:2], error[-2]) for error in errors] == [
        (("songs", "maxProperties"), "maxProperties"),
        (("songs", "pattern"), "pattern"),
        (("songs", "song-7"), "type"),
        (("songs", "song-5000"), "additionalProperties"),
        (("songs", "song-5000"), "required"),
        (("songs", "Song"), "type"),
    ]


def test_the_collector_is_as_it_was_after_a_load_that_fails_and_one_within_another():
    with quiet_collector():
        with pytest.raises(yaml.YAMLError), quiet_collector():
            raise yaml.YAMLError
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_the_caller_stopped_stays_stopped():
    gc.disable()
    try:
        with quiet_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
