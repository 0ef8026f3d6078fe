from decimal import Decimal

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.adapters.manifest.nodes import MappingNode, Node, ScalarNode, SequenceNode, plain
from pipeline.adapters.manifest.source import Source
from pipeline.adapters.manifest.tree_builder import MOST_DEPTH, MOST_FINDINGS
from pipeline.adapters.manifest.yaml_source import (
    FASTEST_PARSER,
    PURE_PARSER,
    ParsedYaml,
    parse_yaml,
)
from pipeline.core.findings.diagnostics import Position

PARSERS = [
    pytest.param(PURE_PARSER, id="pure"),
    pytest.param(
        FASTEST_PARSER,
        id="c",
        marks=pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML without libyaml"),
    ),
]
both_parsers = pytest.mark.parametrize("parser", PARSERS)


def parsed(text: str, parser: object = FASTEST_PARSER) -> ParsedYaml:
    return parse_yaml(Source("a.yaml", text), parser=parser)


def value(text: str, parser: object = FASTEST_PARSER) -> object:
    result = parsed(text, parser)
    assert result.findings == ()
    assert result.root is not None
    return plain(result.root)


def places(result: ParsedYaml) -> list[tuple[int, int]]:
    return [(each.position.line, each.position.column) for each in result.findings]


@both_parsers
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2026-05-01", "2026-05-01"),
        ("1_000", "1_000"),
        ("0b1", "0b1"),
        ("=", "="),
        ("14e", "14e"),
        ("014", 14),
        ("-7", -7),
        ("0o14", 12),
        ("0x1F", 31),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("3.00", Decimal("3.00")),
        (".5", Decimal("0.5")),
        ("1e3", Decimal(1000)),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("!!int 12", 12),
        ("!!float 12", Decimal(12)),
        ("|\n  a\n  b", "a\nb"),
        (">\n  a\n  b", "a b"),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(parser: object, written: str, meant: object):
    found = value(f"a: {written}", parser)
    assert found == {"a": meant}
    assert type(found["a"]) is type(meant)


@both_parsers
@pytest.mark.parametrize(
    "written",
    [
        ".nan",
        "-.inf",
        "9" * 5000,
        "0x" + "f" * 5000,
        "1." + "1" * 5000,
        "1e999999999",
        "1e-999999999",
        '"\\0"',
        '"\\e[31m"',
        '"\\ud800"',
        '"\\UFFFFFFFF"',
        "!!int twelve",
        "!!python/object:os.system x",
        "!mine x",
        "!!set {x}",
        "*nowhere",
    ],
)
def test_what_has_no_usable_value_is_one_finding(parser: object, written: str):
    result = parsed(f"a: {written}\n", parser)
    assert len(result.findings) == 1
    assert result.findings[0].position.line == 1
    assert result.findings[0].source_line == f"a: {written}"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_places_far_into_a_long_text_are_exact(end: str):
    lines = tuple(f"line {'é' * (number % 90)}" for number in range(5_000))
    source = Source("a.yaml", end.join(lines))
    index = 0
    for number, line in enumerate(lines, start=1):
        for column in (1, len(line) + 1) if number % 97 < 2 else ():
            finding = source.error(index + column - 1, "here")
            assert finding.position == Position(line=number, column=column)
            assert finding.source_line == line
        index += len(line) + len(end)


@both_parsers
def test_every_key_and_value_knows_its_line_and_its_column_in_code_points(parser: object):
    text = "é: 日本\r\n𝄞𝄞: {x: 1, y: [2,  3]}\rlast: |\n  words\n"
    result = parsed(text, parser)
    assert isinstance(result.root, MappingNode)

    def place(index: int) -> tuple[int, int]:
        at = Source("a.yaml", text).position(index)
        return at.line, at.column

    first, second, last = result.root.entries.values()
    assert place(first.key_at) == (1, 1)
    assert place(first.value.at) == (1, 4)
    inner = second.value
    assert isinstance(inner, MappingNode)
    assert place(inner.entries["y"].key_at) == (2, 12)
    sequence = inner.entries["y"].value
    assert isinstance(sequence, SequenceNode)
    assert [place(each.at) for each in sequence.children] == [(2, 16), (2, 20)]
    assert (place(last.key_at)[0], place(last.value.at)[1]) == (3, 7)


@both_parsers
def test_a_key_that_stands_twice_is_reported_and_the_first_one_counts(parser: object):
    result = parsed("a: 1\nb: {c: 2, c: 3}\na: 4\n", parser)
    assert places(result) == [(2, 11), (3, 1)]
    assert result.root is not None
    assert plain(result.root) == {"a": 1, "b": {"c": 2}}


@both_parsers
def test_keys_must_be_text(parser: object):
    result = parsed("12: a\ntrue: b\n? [c]\n: d\nno: e\n", parser)
    assert places(result) == [(1, 1), (2, 1), (3, 3)]
    assert result.root is not None
    assert plain(result.root) == {"no": "e"}


@both_parsers
def test_aliases_repeat_what_they_name(parser: object):
    assert value("a: &x {b: [1]}\nc: *x\n&k d: 2\ne: *k", parser) == {
        "a": {"b": [1]},
        "c": {"b": [1]},
        "d": 2,
        "e": "d",
    }


@both_parsers
def test_the_later_of_two_equal_anchors_counts(parser: object):
    assert value("- &x 1\n- &x 2\n- *x", parser) == [1, 2, 2]


@both_parsers
def test_a_key_that_is_an_alias_stands_where_the_alias_does(parser: object):
    text = "&name one: 1\n*name : 2\nsongs: {*name : 3}\n"
    result = parsed(text, parser)
    assert places(result) == [(2, 1)]
    assert isinstance(result.root, MappingNode)
    songs = result.root.entries["songs"].value
    assert isinstance(songs, MappingNode)
    assert songs.entries["one"].key_at == text.rindex("*name")


@both_parsers
def test_an_alias_cannot_name_what_contains_it(parser: object):
    assert places(parsed("a: &x [1, *x]", parser)) == [(1, 11)]
    assert places(parsed("a: &x 1\nb: &x [*x]", parser)) == [(2, 8)]


@both_parsers
def test_an_alias_bomb_is_stopped(parser: object):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    result = parsed("\n".join(lines), parser)
    assert result.root is None
    assert "aliases written out" in result.findings[0].message


def test_ten_thousand_songs_with_long_lyrics_are_not_too_many_values():
    lyrics = "      a line of some thirty characters\n" * 36
    song = f"    title: One\n    prompt: a waltz\n    tags: [x, y]\n    lyrics: |\n{lyrics}"
    result = parsed("songs:\n" + "".join(f"  song-{n}:\n{song}" for n in range(10_000)))
    assert result.findings == ()
    assert result.root is not None


@both_parsers
def test_a_long_text_repeated_by_aliases_is_stopped(parser: object):
    text = f"t: &t {'x' * 100_000}\nl: [{', '.join(['*t'] * 1000)}]"
    assert "aliases written out" in parsed(text, parser).findings[0].message


@both_parsers
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "{? ", "&a [", "[{"])
def test_deep_nesting_ends_as_a_finding(parser: object, opening: str):
    result = parsed(opening * 100_000, parser)
    assert result.root is None
    assert len(result.findings) == 1


@both_parsers
def test_aliases_cannot_nest_deeper_than_brackets_may(parser: object):
    half = MOST_DEPTH // 2 + 1
    text = f"a: &a {'[' * half}{']' * half}\nb: {'[' * half}*a{']' * half}"
    assert "nested deeper" in parsed(text, parser).findings[0].message


@both_parsers
@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a:\n\tb: 1", 2, 1, "a tab cannot indent"),
        ("a: b: c", 1, 5, "this “:” makes a key where none can stand"),
        ("a: @b", 1, 4, "a value cannot begin with @"),
        ("a: [1, 2", 1, 4, "this [ is never closed"),
        ("a: {b: 1", 1, 4, "this { is never closed"),
        ('a: "b', 1, 4, "this quote is never closed"),
        ("a: b\n---\nc: d", 2, 1, "a second document begins here"),
        ("", 1, 1, "the manifest is empty"),
        ("# only a comment\n", 1, 1, "the manifest is empty"),
        ("a: 1\nb: x\u2028y", 2, 5, "U+2028 LINE SEPARATOR cannot stand in a manifest"),
        ("a: \x00", 1, 4, "U+0000 control character cannot stand in a manifest"),
    ],
)
def test_broken_yaml_is_explained_at_its_place(
    parser: object, text: str, line: int, column: int, message: str
):
    finding = parsed(text, parser).findings[-1]
    assert (finding.position.line, finding.position.column) == (line, column)
    assert finding.message == message


def test_findings_without_end_are_cut_short():
    assert len(parsed("a: 1\n" * 5000).findings) == MOST_FINDINGS


YAML_LIKE = st.text(
    alphabet=st.one_of(
        st.sampled_from("abn01.:-?[]{}\"'|>&*!%@#,~ \n\t\r\\ux"), st.characters(codec="utf-8")
    ),
    max_size=200,
)


@given(YAML_LIKE)
@example("%YAML 1." + "9" * 5000 + "\n---\na")
@example("a: !<%ff> b")
@example("a: !%C3 b")
@example("%TAG ! x\n%TAG ! x\n")
@example("\ufeffa: \ufeffb")
@example("a: !!str\n  |\n  b")
@example("? |\n  a\n: b")
@example("a: >9\n b")
def test_any_text_is_a_tree_or_findings_with_either_parser(text: str):
    for parser in (PURE_PARSER, FASTEST_PARSER):
        result = parsed(text, parser)
        assert result.root is not None or result.findings
        lines = Source("", text).lines
        for finding in result.findings:
            assert 1 <= finding.position.line <= len(lines)
            assert finding.message.isprintable()
        if result.root is not None:
            check_values(result.root)


def check_values(node: Node) -> None:
    match node:
        case ScalarNode():
            if isinstance(node.value, str):
                node.value.encode()
            if isinstance(node.value, Decimal):
                assert node.value.is_finite()
        case SequenceNode():
            for child in node.children:
                check_values(child)
        case MappingNode():
            for entry in node.entries.values():
                check_values(entry.value)


@both_parsers
def test_a_text_that_is_read_in_pieces_is_the_text_that_was_written(parser: object):
    lines = [f"ø{'é🎵' * (number % 7)} line {number}\r\n" for number in range(9_000)]
    written = "words: |\r\n" + "".join(f"  {line}" for line in lines)
    assert value(written, parser) == {"words": "".join(lines).replace("\r\n", "\n")}
    assert places(parsed(f"{written}  \x07\r\n", parser)) == [(9_002, 3)]
    assert places(parsed(f"{written}\r\nend: [", parser))[0][0] >= 9_003
