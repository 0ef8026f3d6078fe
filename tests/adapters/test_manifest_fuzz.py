from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.core.findings.diagnostic_text import render_diagnostic
from pipeline.core.findings.diagnostics import Severity
from tests.adapters.manifest_files import load

EXAMPLES = Path(__file__).parents[1] / "examples"
SEEDS = tuple(path.read_text() for path in sorted(EXAMPLES.glob("*/*.yaml")))
SNIPPETS = (
    *("\n", "  ", "\t", ": ", "- ", "[", "]", "{", "}", '"', "'", "|\n", ">\n", "#", "&a ", "*a"),
    *("!!int ", "!x ", "~", "null", "true", "no", "12:30", ".nan", "-1", "0.0000001", "1e18"),
    *("<<: ", "? ", "%YAML 1.2\n", "---\n", "...\n", "\\ud800", "\\0", "\x00", "\u2028", "\ufeff"),
    *("songs", "title", "lyrics", "{file: x}", "{file: .}", "audio", "takes", "9" * 400, "\r"),
)

fuzzed = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def check(folder: Path, text: str | bytes) -> None:
    """An album without errors, or errors without an album; each finding can be printed."""
    loaded = load(folder, text)
    has_error = any(each.severity is Severity.ERROR for each in loaded.diagnostics)
    assert (loaded.album is None) == has_error
    for finding in loaded.diagnostics:
        assert finding.position.line >= 1
        assert finding.position.column >= 1
        render_diagnostic(finding).encode()


@st.composite
def mutated_manifests(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from((0, 0, 1, 2, 10, 60))))
        filling = st.one_of(
            st.sampled_from(SNIPPETS), st.text(st.characters(codec="utf-8"), max_size=8)
        )
        text = text[:start] + draw(filling) + text[end:]
    return text


LEAVES = st.one_of(
    st.sampled_from(
        ("12", "x", '""', "~", "true", "1.5", "a b", "[]", "{}", ".inf", "one", "2026")
    ),
    st.integers().map(str),
)
KEYS = st.sampled_from(
    (
        *("album", "songs", "defaults", "styles", "provider", "budget_usd", "title", "id", "year"),
        *("style", "prompt", "lyrics", "file", "takes", "pick", "audio", "format", "sample_rate"),
        *("tags", "model", "one", "two", "isrc", "<<", "12", "titel", "instrumental"),
    )
)
FLOW = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda each: f"[{', '.join(each)}]"),
        st.lists(st.tuples(KEYS, inner), max_size=6).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        ),
    ),
    max_leaves=25,
)


@fuzzed
@given(text=mutated_manifests())
def test_a_mutated_manifest_is_an_album_or_findings(tmp_path: Path, text: str):
    check(tmp_path, text)


@fuzzed
@given(text=FLOW)
@example(text="{album: {title: x, id: {}}, songs: {one: []}, styles: [], defaults: ~}")
@example(text="{songs: {one: {style: {}, lyrics: {file: {}}, audio: {format: []}}}}")
@example(text="{album: {title: x}, songs: {one: {title: x, audio: {}}}, defaults: {audio: []}}")
def test_known_keys_with_any_values_are_an_album_or_findings(tmp_path: Path, text: str):
    check(tmp_path, text)


@fuzzed
@given(text=st.text(st.characters(codec="utf-8")))
def test_any_text_is_an_album_or_findings(tmp_path: Path, text: str):
    check(tmp_path, text)


@fuzzed
@given(content=st.binary())
def test_any_bytes_are_an_album_or_findings(tmp_path: Path, content: bytes):
    check(tmp_path, content)


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "{a: " * 100_000,
        "album: {title: " + "9" * 5000 + "}",
        "a: " + "x" * 1_000_000,
        "x" * 1_000_000 + ": 1",
        "".join(f"k{n}: 1\n" for n in range(20_000)),
        "a: 1\n" * 50_000,
        "*a " * 50_000,
        "\n" * 500_000,
        '"' + "\n" * 200_000 + '"',
        "[" + "a," * 50_000 + "]",
        'album: {title: x}\nsongs: {one: {title: x, prompt: "\\ud800", lyrics: "\\0"}}',
        'album: {title: x}\nsongs: {one: {title: x, lyrics: "' + "[(" * 50_000 + '"}}',
        "album: {title: x}\nsongs: {one: {title: x, tags: [" + "1, a, " * 20_000 + "]}}",
    ],
    ids=range(14),
)
def test_texts_made_to_exhaust_the_reader_end_as_findings(tmp_path: Path, text: str):
    loaded = load(tmp_path, text)
    assert loaded.album is None
    assert all(len(render_diagnostic(each)) < 2000 for each in loaded.diagnostics)
