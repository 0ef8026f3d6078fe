"""What the listening room shows of an album: takes, money, words, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline.core.findings.phrases import length_text
from pipeline.core.handover.tracks import Publication
from pipeline.core.purchase.attempt import Attempt, State, ref_of
from pipeline.core.room.building import room
from pipeline.core.room.lyrics import sections_of
from pipeline.core.room.sleeve import MOST_LINES, sleeve
from pipeline.core.room.view import Room, TakeRoom
from pipeline.core.room.words import moment_text
from pipeline.core.sound.waveform import SLICES, encode
from pipeline.core.wanted.album import Album, Checksum, Provider
from pipeline.core.wanted.takes import WantedTake
from tests.browser.stage import Stage
from tests.builders import a_request, a_song, an_album, takes_of
from tests.core.attempts import attempt_at

PRICE = "$0.195"


def by_any(album: Album) -> tuple[WantedTake, ...]:
    return tuple(
        take for provider in Provider for take in takes_of(replace(album, provider=provider))
    )


def file_of(take: WantedTake, path: str, **fields: Any) -> Publication:
    made = {
        "path": path,
        "ref": take.ref,
        "provider": take.provider,
        "digest": take.digest,
        "recipe": "r",
        "checksum": Checksum("a" * 64),
        "size_bytes": 1,
        "mtime_ns": 1,
    }
    return Publication(**{**made, **fields})


def shown(
    album: Album, attempts: Sequence[Attempt], files: Sequence[Publication] = (), **fields: Any
) -> Room:
    found = room(album, by_any(album), attempts, files, fields.get("measurements", {}), ())
    assert found is not None
    return found


def only_take(found: Room) -> TakeRoom:
    ((take,),) = (song.takes for song in found.songs)
    return take


def test_there_is_no_room_while_nothing_was_tried():
    assert room(an_album(), by_any(an_album()), (), (), {}, ()) is None


@pytest.mark.parametrize(
    ("state", "words", "command", "cost"),
    [
        (State.SUBMITTED, "being rendered by the provider", "songmake render", f"{PRICE} held"),
        (State.READY, "rendered, not fetched yet", "songmake render", PRICE),
        (
            State.FAILED,
            "the provider gave up; nothing is charged",
            "songmake render --replace 'album/one#1'",
            "nothing charged",
        ),
        (
            State.IN_DOUBT,
            "in doubt: the answer was lost, and it may have been billed",
            "songmake settle 'album/one#1' --generation ID",
            f"{PRICE} in doubt",
        ),
        (
            State.LOST,
            "charged, and its audio is gone for good",
            "songmake render --replace 'album/one#1'",
            PRICE,
        ),
        (State.PUBLISHED, "published once, and its file is not there", "songmake render", PRICE),
    ],
)
def test_a_take_that_cannot_be_heard_says_why_and_what_to_type(
    state: State, words: str, command: str, cost: str
):
    album = an_album()
    found = shown(album, [attempt_at(takes_of(album)[0], state)])
    take = only_take(found)
    assert (take.audio, take.remarks, take.next_command, take.cost) == (
        None, (words,), command, cost
    )  # fmt: skip
    (line,) = found.missing
    assert (line.words, line.takes, line.command) == (words, ("one#1",), command)
    assert found.songs[0].standing == words
    assert not found.is_playable


def test_what_was_tried_is_shown_whoever_renders_just_now():
    album = an_album([a_song("one", takes=2)])
    bought, _, sketched, _ = by_any(album)
    attempts = [attempt_at(bought), attempt_at(sketched)]
    files = [file_of(bought, "album/01-one.mp3"), file_of(sketched, "album/sketch/01-one.mp3")]
    rooms = {shown(replace(album, provider=each), attempts, files) for each in Provider}
    (found,) = rooms
    takes = found.songs[0].takes
    assert [(take.name, take.key, take.audio) for take in takes] == [
        ("Take 1", "1", "01-one.mp3"),
        ("Take 2", "2", None),
        ("Sketch 1", "s1", "sketch/01-one.mp3"),
    ]
    assert [take.cost for take in takes] == [PRICE, "–", "free"]
    assert [line.takes for line in found.missing] == [("one#2",)]
    assert found.facts == ("1 song", "1:30", "2 of 3 takes here")


def test_file_names_become_urls():
    album = an_album()
    take = takes_of(album)[0]
    found = shown(album, [attempt_at(take)], [file_of(take, "album/01 #1?.mp3")])
    assert only_take(found).audio == "01%20%231%3F.mp3"


def test_audio_of_an_edited_request_can_be_heard_and_is_said_to_be_old():
    old = an_album()
    edited = an_album([a_song(request=a_request(prompt="a waltz"))])
    take = takes_of(old)[0]
    found = shown(edited, [attempt_at(take)], [file_of(take, "album/01-one.mp3")])
    heard = only_take(found)
    assert heard.audio == "01-one.mp3"
    assert heard.remarks == (
        "not rendered yet",
        "what lies here was asked for before the manifest was changed",
    )
    assert found.songs[0].earlier == f"Earlier requests of this song: {PRICE}"


def test_a_take_that_is_being_replaced_is_heard_until_the_new_one_is_there():
    album = an_album()
    take = takes_of(album)[0]
    old = attempt_at(take, superseded_at="2026-08-02T00:00:00.000Z")
    new = attempt_at(take, State.SUBMITTED, number=2)
    heard = only_take(shown(album, [old, new], [file_of(take, "album/01-one.mp3")]))
    assert heard.audio == "01-one.mp3"
    assert heard.remarks == (
        "being rendered by the provider",
        "what you hear is the attempt that it replaces",
    )
    assert heard.cost == f"{PRICE} + {PRICE} held"


def test_a_shared_request_is_paid_where_it_was_bought():
    album = an_album([a_song("one"), a_song("two", number=2)])
    one, two = takes_of(album)
    found = shown(
        album, [attempt_at(one)], [file_of(one, "album/1.mp3"), file_of(two, "album/2.mp3")]
    )
    shared = found.songs[1].takes[0]
    assert shared.cost == "paid with album/one#1"
    assert shared.remarks == ("the same request as album/one#1: bought once",)


def test_songs_that_were_taken_out_are_part_of_the_cost():
    album = an_album(budget_usd=Decimal(1))
    gone = attempt_at(takes_of(album)[0], ref=ref_of("album", "gone", 1), digest="d" * 64)
    found = shown(album, [gone])
    assert found.earlier == f"Songs that were taken out: {PRICE}"
    assert found.spending.summary == f"{PRICE} of $1.00"


@pytest.mark.parametrize(
    ("states", "budget", "summary", "parts"),
    [
        ("pud", "1", "$0.585 of $1.00", (("charged", 195), ("held", 195), ("in-doubt", 195))),
        ("p", "100", "$0.195 of $100.00", (("charged", 4),)),  # never too short to be seen
        ("ppp", "0.5", "$0.585 of $0.50", (("charged", 1000),)),
        ("p", "0", "$0.195 of $0.00", (("charged", 1000),)),
        ("p", None, "$0.195", None),
        ("f", "1", "Nothing spent of $1.00", ()),
    ],
)
def test_money_is_shown_against_the_budget(
    states: str, budget: str | None, summary: str, parts: tuple[tuple[str, int], ...] | None
):
    stage = Stage()
    stage.add("one", states)
    bar = stage.view(budget_usd=None if budget is None else Decimal(budget)).spending
    assert (bar.summary, bar.parts) == (summary, parts)


def test_takes_are_matched_to_the_quietest_that_can_be_heard():
    stage = Stage()
    stage.add("one", "pppf", loudness=("-14.00", "-8.00", "-13.97", "-30.00"))
    takes = stage.view().songs[0].takes
    assert [take.gain for take in takes] == ["1.0000", "0.5012", "0.9966", None]
    assert [take.quieter for take in takes] == [None, "−6.0 dB", None, None]
    assert [take.loudness for take in takes] == ["−14.0 LUFS", "−8.0 LUFS", "−14.0 LUFS", None]


def test_what_takes_have_alike_is_told_from_what_differs():
    stage = Stage()
    stage.add("one", "pp", loudness=("-14.00", "-9.00"))
    lines = {line.label: line for line in stage.view().songs[0].comparisons}
    assert (lines["Length"].is_alike, lines["Length"].cells) == (True, ("0:02", "0:02"))
    assert (lines["Loudness"].is_alike, lines["Loudness"].cells[1]) == (False, "−9.0 LUFS")
    assert lines["Requested"].cells[0] == "2026-08-01 09:30 UTC"
    assert "Attempts" not in lines


def test_a_take_that_is_alone_is_not_told_twice():
    stage = Stage()
    stage.add("one", "p")
    labels = [line.label for line in stage.view().songs[0].comparisons]
    assert labels == ["True peak", "Made by", "Requested"]


def test_a_long_list_of_what_is_missing_ends_with_where_to_look():
    stage = Stage()
    for number in range(12):
        stage.add(f"song-{number}", "f")
    missing = stage.view().missing
    assert [line.count for line in missing] == [1] * 7 + [5]
    assert missing[-1].command == "songmake status"


def test_lyrics_are_divided_by_their_tags_and_nothing_is_lost():
    found = sections_of(
        "Before\n\n[Verse]\nOne (ah)\n\nTwo [x]\n[Inst]\n[Chorus] Three\n[open\nFour"
    )
    assert [(section.name, section.words) for section in found] == [
        (None, "Before"),
        ("Verse", "One (ah)\n\nTwo [x]"),
        ("Inst", ""),
        ("Chorus", "Three\n[open\nFour"),
    ]
    assert sections_of(None) == ()


def test_a_sleeve_has_a_line_a_song_and_no_more_than_there_is_room_for():
    loud = encode([1.0] * SLICES)
    assert len(sleeve([loud, None]).outlines) == 2
    assert len(sleeve([loud] * 50).outlines) == MOST_LINES
    heard, silent = sleeve([loud, None]).outlines
    assert (heard.count("M"), silent.count("v1.0")) == (60, 60)
    assert sleeve([]).outlines == ()


def test_lengths_and_times_are_written_as_elsewhere():
    assert [length_text(each) for each in (499, 59_500, 3_600_000)] == ["0:00", "1:00", "1:00:00"]
    assert moment_text("2026-08-01T09:30:59.123Z") == "2026-08-01 09:30 UTC"
