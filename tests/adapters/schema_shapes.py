"""Values that are nearly what a JSON Schema asks for, and some that are exactly that."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

TEXTS = (
    *("", " ", "\n", "a", "a\n", " a", "a\nb", "a\u2028b", "é", "e\u0301", "\ud800", "𝄞" * 64),
    *("x" * 40, "x" * 41, "x" * 64, "x" * 65, "x" * 300, "x" * 301, "x" * 3001, "\u00a0", "٣"),
    *("one", "one-two", "one\n", "One", "en", "en-GB", "2026", "2026-13", "mp3", "MP3", "sketch"),
    *("QZABC2600001", "4006381333931", "400638133393", "cafe", "1", "true"),
)
NUMBERS = (
    *(True, False, 0, -1, 1, 2, 99, 100, 1000, 9999, 10_000, 10**18, 2**53, 44100, 256000),
    *map(Decimal, ("0", "1.0", "0.1", "-0.0", "100000", "100000.000001", "1e18", "44100.0")),
)
SCALARS = st.one_of(st.sampled_from((*TEXTS, *NUMBERS, None)), st.text(max_size=4), st.integers())
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(("title", "file", "<<", "x", "")), inner, max_size=3),
    ),
    max_leaves=6,
)


@st.composite
def near(draw: st.DrawFn, schema: Mapping[str, Any]) -> Any:
    """What the schema asks for, with something else in up to two places of it."""
    value = draw(asked_for(schema, schema.get("$defs", {})))
    for _ in range(draw(st.integers(0, 2))):
        value = _spoilt(draw, value)
    return value


def asked_for(schema: Any, definitions: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that satisfy a schema, mostly; its examples where it has some."""
    if "$ref" in schema and "examples" not in schema:
        return asked_for(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "properties" in schema and schema.get("type") == "object":
        return _objects(schema, definitions)
    if choices := schema.get("examples", schema.get("enum")):
        return st.sampled_from(choices)
    if "const" in schema:
        return st.just(schema["const"])
    if schema.get("type") == "string":
        lengths = (schema.get("minLength", 1), schema.get("maxLength", 40))
        return st.sampled_from(["y" * length for length in lengths])
    least, most = schema.get("minimum", 0), schema.get("maximum", 10**6)
    return st.booleans() if schema.get("type") == "boolean" else st.integers(least, most)


def _objects(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    parts = {name: asked_for(each, definitions) for name, each in schema["properties"].items()}
    always = {name: parts[name] for name in schema.get("required", ())}
    optional = sorted(parts.keys() - always.keys())
    some = st.sets(st.sampled_from(optional), min_size=1, max_size=5) if optional else st.just(())
    return some.flatmap(
        lambda names: st.fixed_dictionaries({**always, **{each: parts[each] for each in names}})
    ).flatmap(lambda own: _with_members(own, schema, definitions))


def _with_members(
    own: dict[str, Any], schema: Mapping[str, Any], definitions: Mapping[str, Any]
) -> st.SearchStrategy[Any]:
    """Songs are named by nobody, and stand in for members of their kind."""
    if "songs" not in own:
        return st.just(own)
    song = asked_for(definitions["song"], definitions)
    ids = st.sampled_from(("one", "two-three", "four"))
    songs = st.dictionaries(ids, song, min_size=1, max_size=2)
    return songs.map(lambda each: {**own, "songs": each})


def _spoilt(draw: st.DrawFn, value: Any) -> Any:
    """The value with one place in it taken by something else."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(value)))
        match draw(st.integers(0, 11)):
            case 0:
                return {name: each for name, each in value.items() if name != key}
            case 1:
                return {**value, draw(st.sampled_from(("titel", "x\n", "<<"))): value[key]}
            case _:
                return {**value, key: _spoilt(draw, value[key])}
    if isinstance(value, list) and draw(st.booleans()):
        return value * draw(st.sampled_from((0, 2, 60)))
    if isinstance(value, int | Decimal) and draw(st.booleans()):
        return draw(st.sampled_from((bool(value), Decimal(value), value + 1, -value, value * 10)))
    return draw(ANYTHING)
