"""Picks as edits: what changes is the pick alone, in text and in meaning."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.manifest.load import LoadedManifest, load_text
from pipeline.adapters.manifest.pick_edits import NotEditable, with_picks
from pipeline.core.wanted.album import Album
from tests.adapters.manifest_files import PROFILES

EXAMPLES = Path(__file__).parents[1] / "examples" / "valid"
COMMENT = re.compile(r"#[^\r\n]*")
WORDS = 'prompt: a piano waltz, lyrics: "[Verse]\\nOne line"'
TAKES = "album: {title: Small Hours}\ndefaults: {takes: 9}\n"


def loaded(text: str) -> LoadedManifest:
    """As if it were the text of a manifest beside the examples' lyrics."""
    path = EXAMPLES / "small-hours.yaml"
    return load_text(text, path, profiles=PROFILES, provider=None, shown_as="small-hours.yaml")


def album_of(text: str) -> Album:
    found = loaded(text)
    assert found.album is not None, found.diagnostics
    return found.album


def edited(text: str, **picks: int) -> str:
    """The text with these picks, which is all that changes in the album."""
    before = album_of(text)
    after = with_picks(loaded(text).source, picks)
    songs = tuple(replace(song, pick=picks.get(song.id, song.pick)) for song in before.songs)
    assert album_of(after) == replace(before, songs=songs)
    assert COMMENT.findall(after) == COMMENT.findall(text)
    return after


def block(*lines: str) -> str:
    return TAKES + "songs:\n  coda:\n" + "".join(f"    {line}\n" for line in lines)


TITLE, PROMPT, LYRICS = (
    "title: No  # a word",
    "prompt: a piano waltz",
    'lyrics: "[Verse]\\nOne line"',
)


LONG = ("# sung", "lyrics: |", "  [Verse]", "  One whole line", "", "  # one", "")
KEPT = ("lyrics: |+", "  One whole line", "", "", "audio:", "  format: wav")
FOLDED = ("title: >-", "  No", "prompt: >-", "  a piano waltz", "lyrics: |", "  One whole line")
WRAPPED = (LYRICS, "prompt: a piano waltz,", "  slow # d", "tags: [", "  a]")
QUOTED = ('"title": "No"', '"prompt": "a piano waltz"', '"lyrics": "One whole line"')
ASKED = ("? title", ": No", "? takes", ": 3", PROMPT, LYRICS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # beside the number of takes
        (
            ("title: No", "# enough", "takes: 3   # three", PROMPT, LYRICS),
            ("title: No", "# enough", "takes: 3   # three", "pick: 2", PROMPT, LYRICS),
        ),
        (
            (TITLE, PROMPT, LYRICS, "takes:", "  3 # three", "# the end"),
            (TITLE, PROMPT, LYRICS, "takes:", "  3 # three", "pick: 2", "# the end"),
        ),
        # at the end where takes are inherited, but above what goes on over several lines
        ((TITLE, PROMPT, LYRICS), (TITLE, PROMPT, LYRICS, "pick: 2")),
        ((TITLE, PROMPT, *LONG), (TITLE, PROMPT, "pick: 2", *LONG)),
        ((PROMPT, TITLE, *KEPT), (PROMPT, TITLE, "pick: 2", *KEPT)),
        (("# first", *FOLDED), ("# first", "pick: 2", *FOLDED)),
        ((TITLE, *WRAPPED), (TITLE, *WRAPPED, "pick: 2")),
        (QUOTED, (*QUOTED, '"pick": 2')),
        (ASKED, (*ASKED, "pick: 2")),
        # in place
        (
            (TITLE, "pick: 1   # the first", PROMPT, LYRICS),
            (TITLE, "pick: 2   # the first", PROMPT, LYRICS),
        ),
        (
            (TITLE, "pick:", "    # the first", "  !!int 1", PROMPT, LYRICS),
            (TITLE, "pick:", "    # the first", "  2", PROMPT, LYRICS),
        ),
        (
            (TITLE, "takes: &most 0x9", "pick: *most # last", PROMPT, LYRICS),
            (TITLE, "takes: &most 0x9", "pick: 2 # last", PROMPT, LYRICS),
        ),
    ],
)
def test_a_block_gets_a_line_of_its_own_or_another_number(before, after):
    assert edited(block(*before), coda=2) == block(*after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{{title: No, takes: 3, {WORDS}}}", f"{{title: No, takes: 3, pick: 2, {WORDS}}}"),
        (f"{{title: No, {WORDS}}}", f"{{title: No, {WORDS}, pick: 2}}"),
        (f"{{title: No, {WORDS} , }}", f"{{title: No, {WORDS}, pick: 2 , }}"),
        (f"{{pick: 3, title: No, {WORDS}}}", f"{{pick: 2, title: No, {WORDS}}}"),
        (f"{{title: No, {WORDS}, 'pick': 3}}", f"{{title: No, {WORDS}, 'pick': 2}}"),
        (f'{{{WORDS},"title":"No"}}', f'{{{WORDS},"title":"No", "pick": 2}}'),
        (f"{{\n  title: No, {WORDS}  # c\n }}", f"{{\n  title: No, {WORDS}, pick: 2  # c\n }}"),
        (f"{{\n  {WORDS},\n  title: No\n }}", f"{{\n  {WORDS},\n  title: No,\n  pick: 2\n }}"),
        (
            f"{{\n   takes: 3,\n   title: No, {WORDS}\n }}",
            f"{{\n   takes: 3,\n   pick: 2,\n   title: No, {WORDS}\n }}",
        ),
    ],
)
def test_brackets_get_one_more_member_or_another_number(before: str, after: str):
    for wrapped in (f"{TAKES}songs:\n  coda: %s\n", f"{TAKES}songs: {{coda: %s}}\n"):
        assert edited(wrapped % before, coda=2) == wrapped % after


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("lines", [(TITLE, PROMPT, LYRICS), (TITLE, PROMPT, LYRICS, "takes: 3")])
def test_line_ends_are_the_files_and_a_missing_last_one_stays_missing(line_end: str, lines):
    before, after = block(*lines), block(*lines, "pick: 2")
    for end in (None, -1):
        asked, wanted = (text[:end].replace("\n", line_end) for text in (before, after))
        assert edited(asked, coda=2) == wanted


def test_in_a_file_of_mixed_line_ends_the_new_line_ends_like_its_neighbour():
    before, after = block(TITLE, PROMPT, LYRICS), block(TITLE, PROMPT, LYRICS, "pick: 2")
    head = TAKES.replace("\n", "\r\n")
    assert edited(before.replace(TAKES, head), coda=2) == after.replace(TAKES, head)


def test_back_to_the_first_take_is_said_outright():
    lines = (TITLE, PROMPT, LYRICS)
    assert edited(block(*lines, "pick: 2  # so"), coda=1) == block(*lines, "pick: 1  # so")


def test_many_songs_are_edited_at_once():
    songs = "".join(f"  song-{n}: {{title: No, {WORDS}, revision: {n}}}\n" for n in range(300))
    text = f"{TAKES}songs:\n{songs}"
    after = edited(text, **{f"song-{n}": n % 9 + 1 for n in range(300)})
    assert after.count(", pick: ") == 300


SHARED = f"""{TAKES}songs:
  one: &one
    title: No
    {WORDS.replace(", lyrics", chr(10) + "    lyrics")}
  two: *one
  three: {{title: No, takes: &t 3, pick: &p 2, revision: *p, {WORDS}}}
"""


@pytest.mark.parametrize(
    ("song", "place", "said"),
    [
        ("one", (4, 8), "one is &one, and *one elsewhere would be picked too"),
        ("two", (8, 8), "two is the alias *one: a pick would be that of everything it names"),
        ("three", (9, 41), "the pick of three is &p, and *p repeats it"),
    ],
)
def test_what_an_alias_repeats_is_left_to_a_person(song: str, place: tuple[int, int], said: str):
    album_of(SHARED)
    with pytest.raises(NotEditable) as refused:
        with_picks(loaded(SHARED).source, {song: 3})
    (finding,) = refused.value.findings
    assert (finding.position.line, finding.position.column) == place
    assert finding.message == said
    assert finding.hint


def test_every_song_that_cannot_be_edited_is_named():
    with pytest.raises(NotEditable) as refused:
        with_picks(loaded(SHARED).source, {"one": 2, "two": 2, "three": 1})
    assert len(refused.value.findings) == 3


def test_an_anchor_that_nobody_repeats_is_no_obstacle():
    text = f"{TAKES}songs: &all\n  coda: &it {{title: No, {WORDS}, pick: &p 1}}\n"
    assert edited(text, coda=2) == text.replace("&p 1", "2")


def with_more_takes(text: str) -> str:
    """So that there is something to pick from."""
    given = "defaults: {price_usd: 0.2"
    if given in text:
        return text.replace(given, given + ", takes: 9")
    return text if "\ndefaults:" in text else "defaults: {takes: 9}\n" + text


SEEDS = [with_more_takes(path.read_text()) for path in sorted(EXAMPLES.glob("*.yaml"))]


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """An example with comments strewn in, and the line ends of any system."""
    lines = draw(st.sampled_from(SEEDS)).split("\n")
    for number in range(draw(st.integers(0, 6))):
        at = draw(st.integers(1, len(lines) - 1))
        if draw(st.booleans()):
            lines.insert(at, f"{' ' * draw(st.integers(0, 8))}# above {number}: 2")
        elif re.fullmatch(r" *[a-z_]+: [^|>\"'&*#]*", lines[at]):
            lines[at] += f"{' ' * draw(st.integers(1, 3))}# beside {number}, pick"
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return end.join(lines).removesuffix(end if draw(st.booleans()) else "")


@settings(max_examples=60, deadline=None)
@given(text=manifests(), choices=st.lists(st.integers(0, 10**6), min_size=12, max_size=12))
def test_the_edited_example_is_the_same_album_but_for_its_picks(text: str, choices: list[int]):
    album = loaded(text).album
    if album is None:  # a comment fell into the middle of something
        return
    songs = zip(album.songs, choices, strict=False)
    picks = {song.id: choice % song.takes + 1 for song, choice in songs if choice % 3}
    after = edited(text, **picks)
    kept = re.sub(r"(?:\r?\n *|, )pick: \d+|(?<=pick: )\d+", "", after)
    assert kept == re.sub(r"(?:\r?\n *|, )pick: \d+|(?<=pick: )\d+", "", text)
