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


def near(schema: Any, root: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Mostly what the schema asks for, and now and then something else in a place of it."""
    strategies: dict[str, st.SearchStrategy[Any]] = {}
    return _near(schema, root.get("$defs", {}), strategies)


def _near(schema: Any, definitions: Any, known: dict[str, Any]) -> st.SearchStrategy[Any]:
    if not isinstance(schema, dict):
        return ANYTHING
    key = repr(schema)
    if key not in known:
        known[key] = st.deferred(lambda: _mixed(schema, definitions, known))
    strategy: st.SearchStrategy[Any] = known[key]
    return strategy


def _mixed(
    schema: dict[str, Any], definitions: Any, known: dict[str, Any]
) -> st.SearchStrategy[Any]:
    right = _right(schema, definitions, known)
    return st.integers(0, 39).flatmap(lambda die: ANYTHING if die == 0 else right)


def _right(
    schema: dict[str, Any], definitions: Any, known: dict[str, Any]
) -> st.SearchStrategy[Any]:
    if "properties" in schema or isinstance(schema.get("additionalProperties"), dict):
        return _objects(schema, definitions, known)
    if examples := schema.get("examples"):
        return st.sampled_from(examples)
    if "$ref" in schema:
        target = definitions[schema["$ref"].rpartition("/")[2]]
        return _near(target, definitions, known)
    if choices := schema.get("enum", [schema["const"]] if "const" in schema else None):
        return st.sampled_from(choices)
    if "items" in schema:
        return st.lists(_near(schema["items"], definitions, known), max_size=3)
    limits = [schema[rule] for rule in ("minimum", "maximum", "minLength", "maxLength")
              if rule in schema]  # fmt: skip
    if schema.get("type") == "string":
        lengths = [each + step for each in limits for step in (-1, 0, 1) if 0 <= each + step < 4000]
        return st.sampled_from((*TEXTS, *("y" * length for length in lengths)))
    if limits:
        return st.sampled_from([each + step for each in limits for step in (-1, 0, 1)])
    return SCALARS


def _objects(
    schema: dict[str, Any], definitions: Any, known: dict[str, Any]
) -> st.SearchStrategy[Any]:
    parts = {
        name: _near(each, definitions, known) for name, each in schema.get("properties", {}).items()
    }
    required = {name: parts[name] for name in schema.get("required", ()) if name in parts}
    optional = {name: each for name, each in parts.items() if name not in required}
    others = schema.get("additionalProperties", False)
    extras = st.dictionaries(
        st.sampled_from(("one", "two-three", "Four", "x\n", "titel")),
        _near(others, definitions, known),
        max_size=3 if isinstance(others, dict) else 1,
    )
    some = st.sets(st.sampled_from(sorted(optional)), max_size=6) if optional else st.just(set())
    own = some.flatmap(
        lambda names: st.fixed_dictionaries(
            {**required, **{each: optional[each] for each in names}}
        )
    )
    if isinstance(others, dict):
        return st.builds(lambda one, other: {**other, **one}, own, extras)
    stray = st.integers(0, 19).flatmap(lambda die: extras if die == 0 else st.just({}))
    return st.builds(lambda one, other: {**other, **one}, own, stray)
