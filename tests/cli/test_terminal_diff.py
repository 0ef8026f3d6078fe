"""``plan --diff``: what a changed request asks now, beside what was bought."""

import json
from typing import Any

import pytest

from pipeline.core.purchase.attempt import State
from tests.builders import an_attempt, song, write_manifest
from tests.cli.seeing import inside, printed
from tests.cli.shelves import known, take_in
from tests.command import Songmake

VERSES = "[Verse]\n" + "\n".join(f"line {number} of the song stays" for number in range(1, 8))
LYRICS = f"{VERSES}\nthe night breeze sighs\n[Outro]\nthe end"
NEW = LYRICS.replace("breeze", "wind").replace("line 1 of", "line one of")


def bought(shop: Songmake, before: dict[str, Any], now: dict[str, Any]) -> Songmake:
    write_manifest(shop.project, before)
    known(shop.project, lambda place, take: State.PUBLISHED)
    write_manifest(shop.project, now)
    return shop


@pytest.fixture
def changed(shop: Songmake) -> Songmake:
    """One song's lyrics changed, of another prompt, audio and revision; a third is new."""
    before = {
        "words": song(lyrics=LYRICS, takes=2),
        "fields": song(prompt="warm indie folk, 92 BPM, a late violin"),
        "stays": song(prompt="a slow waltz, 60 BPM"),
    }
    now = {
        **before,
        "words": song(lyrics=NEW, takes=2),
        "fields": song(
            prompt="warm indie folk, 96 BPM, a late violin", revision=2, audio={"bitrate": 128000}
        ),
        "fresh": song(prompt="something else entirely"),
    }
    return bought(shop, before, now)


def test_words_that_changed_are_marked_and_lines_that_did_not_are_counted(changed: Songmake):
    lines = inside(changed, "plan", "--diff").out.splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("buy      words#1"))
    assert lines[at + 1 : at + 11] == [
        "    lyrics:",
        "      [Verse]",
        "      line [-1-]{+one+} of the song stays",
        "      line 2 of the song stays",
        "      … 4 lines unchanged",
        "      line 7 of the song stays",
        "      the night [-breeze-]{+wind+} sighs",
        "      [Outro]",
        "      … 1 line unchanged",
        lines[at + 10],
    ]
    assert lines[at + 10].startswith("buy      words#2")
    assert lines[at + 11] == "    the same change as words#1"


def test_fields_are_old_and_new(changed: Songmake):
    out = inside(changed, "plan", "--diff", "-s", "fields").out
    assert "      warm indie folk, [-92-]{+96+} BPM, a late violin" in out
    assert "    audio.bitrate: 256000 → 128000\n" in out
    assert "    revision: 0 → 2\n" in out


def test_without_the_flag_a_plan_is_as_short_as_before(changed: Songmake):
    assert "[-" not in inside(changed, "plan").out
    document = printed(inside(changed, "plan", "--json"), "plan")
    assert all("diff" not in row for row in document["takes"])


def test_json_has_both_values_of_each_field_and_null_for_what_is_new(changed: Songmake):
    rows = printed(inside(changed, "plan", "--diff", "--json"), "plan")["takes"]
    diffs = {f"{row['song']}#{row['take']}": row["diff"] for row in rows}
    assert diffs["fresh#1"] is None
    assert diffs["stays#1"] is None
    assert diffs["words#2"]["before"] == "album/words#2"
    assert diffs["words#2"]["fields"] == [{"name": "lyrics", "before": LYRICS, "now": NEW}]
    assert [field["name"] for field in diffs["fields#1"]["fields"]] == [
        "prompt", "audio.bitrate", "revision"
    ]  # fmt: skip


@pytest.mark.parametrize("moved", [{}, {"moved_from": "old"}])
def test_a_song_under_a_new_id_is_compared_with_what_it_was(shop: Songmake, moved: dict[str, str]):
    bought(
        shop,
        {"old": song(prompt="slow piano waltz", lyrics=LYRICS)},
        {"new": song(prompt="slow piano waltz", lyrics=NEW, **moved)},
    )
    out = inside(shop, "plan", "--diff").out
    assert "the night [-breeze-]{+wind+} sighs" in out


def test_a_purchase_that_does_not_say_what_it_asked_is_told_as_such(shop: Songmake):
    write_manifest(shop.project)
    imported = an_attempt(digest="0" * 64, identity_json=json.dumps({"imported": True}))
    take_in(shop.project, [imported])
    assert "does not say its request" in inside(shop, "plan", "--diff").out
    (row,) = printed(inside(shop, "plan", "--diff", "--json"), "plan")["takes"]
    assert row["diff"]["fields"] is None


def test_a_hostile_lyric_cannot_steer_the_terminal(shop: Songmake):
    before = "[Verse]\nשלום world 世界 👩\u200d👩 goes on and on"
    bought(shop, {"one": song(lyrics=before)}, {"one": song(lyrics=before.replace("on", "off"))})
    out = inside(shop, "plan", "--diff", "--color=always").out
    assert "שלום world 世界 👩\u200d👩 goes " in out
    assert "\x1b[31m[-on-]\x1b[0m\x1b[32m{+off+}\x1b[0m" in out


def test_a_long_line_shows_what_is_next_to_its_change(shop: Songmake):
    words = [f"word{number}" for number in range(60)]
    before = "[Verse]\n" + " ".join(words)
    words[30] = "other"
    now = "[Verse]\n" + " ".join(words)
    bought(shop, {"one": song(lyrics=before)}, {"one": song(lyrics=now)})
    out = " ".join(inside(shop, "plan", "--diff").out.split())
    assert "… word25 word26 word27 word28 word29 [-word30-]{+other+} word31" in out
    assert "word35 …" in out
    assert "word2 " not in out
