"""The overview of all albums: what is there, what is missing and why, and where money went."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipeline.core.handover.delivered import delivery
from pipeline.core.handover.tracks import Publication
from pipeline.core.overview.known import (
    KnownAlbum,
    album_document,
    known_album,
    known_album_of,
)
from pipeline.core.overview.overview import overview
from pipeline.core.overview.periods import Unit, periods_of, unit_of
from pipeline.core.overview.view import AlbumCard, Overview, TimeChart
from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.sound.measurement import Measurement
from pipeline.core.sound.waveform import SLICES, encode
from pipeline.core.wanted.album import Album, AlbumId, Checksum, Provider
from pipeline.core.wanted.takes import WantedTake
from tests.builders import a_request, a_song, an_album, an_attempt, takes_of
from tests.core.attempts import attempt_at


def an_album_of(count: int, **fields: Any) -> Album:
    songs = [
        a_song(f"s{number}", number=number, request=a_request(prompt=f"waltz {number}"))
        for number in range(1, count + 1)
    ]
    return an_album(songs, **fields)


def by_any_provider(album: Album) -> tuple[WantedTake, ...]:
    return tuple(
        take for provider in Provider for take in takes_of(replace(album, provider=provider))
    )


def known(*albums: Album) -> dict[AlbumId, KnownAlbum]:
    return {album.id: known_album(album, by_any_provider(album)) for album in albums}


def a_file(take: WantedTake, *, folder: str = "", **fields: Any) -> Publication:
    made = {
        "path": f"{take.ref.album}/{folder}{take.song_number:02d}-{take.ref.song}.mp3",
        "ref": take.ref,
        "provider": take.provider,
        "digest": take.digest,
        "recipe": "r",
        "checksum": Checksum("a" * 64),
        "size_bytes": 10,
        "mtime_ns": 1,
    }
    return Publication(**{**made, **fields})


def shown(
    albums: dict[AlbumId, KnownAlbum],
    attempts: list[Attempt],
    files: tuple[Publication, ...] = (),
    handed_over: tuple[str, ...] = (),
) -> Overview:
    found = overview(albums, attempts, files, handed_over)
    assert found is not None
    return found


def card_of(*arguments: Any, **named: Any) -> AlbumCard:
    (card,) = shown(*arguments, **named).cards
    return card


def chart_of(*stamps: str) -> TimeChart:
    album = an_album_of(len(stamps))
    attempts = [
        attempt_at(take, intent_at=stamp)
        for take, stamp in zip(takes_of(album), stamps, strict=True)
    ]
    spending = shown(known(album), attempts).spending
    assert spending is not None
    return spending.over_time


def test_tracks_that_lie_in_the_folder_are_there_and_the_others_say_why_not():
    album = an_album_of(6, budget_usd=Decimal(3))
    one, two, three, four, five, _ = takes_of(album)
    attempts = [
        attempt_at(one), attempt_at(two, State.STORED), attempt_at(three, State.SUBMITTED),
        attempt_at(four, State.FAILED, error="no capacity"), attempt_at(five, State.IN_DOUBT),
    ]  # fmt: skip
    files = (a_file(one), a_file(two, mtime_ns=None))
    card = card_of(known(album), attempts, files, ("album/index.html", "album/cover.png"))
    assert card.facts == ("1 of 6 tracks", "1:30")
    assert card.missing == (
        "1 in the store, not published",
        "1 being rendered by the provider",
        "1 not rendered yet",
    )
    assert [(each.title, each.error) for each in card.troubles] == [
        ("S4", "no capacity"), ("S5", None),
    ]  # fmt: skip
    assert card.troubles[0].words == "the provider gave up; nothing is charged"
    assert (card.page, card.cover) == ("album/index.html", "album/cover.png")
    assert card.cost == "$0.78 of $3.00"
    assert [each.text for each in card.kinds] == ["$0.195", "$0.195"]


def test_what_counts_as_there_is_what_is_handed_over():
    album = an_album_of(3)
    bought = takes_of(album)
    sketched = takes_of(replace(album, provider=Provider.SKETCH))
    attempts = [attempt_at(bought[0]), *(attempt_at(take, number=2) for take in sketched)]
    beside = tuple(a_file(take, folder="sketch/") for take in sketched)
    for files in ((a_file(bought[0]), *beside), tuple(map(a_file, sketched)), beside):
        delivered = delivery(album, by_any_provider(album), attempts, files)
        card = card_of(known(album), attempts, files)
        count = len(delivered.tracks)
        assert card.facts[0] == ("3 tracks" if count == 3 else f"{count} of 3 tracks")
        assert ("sketches" in card.facts) == (count == 3)


def test_sketches_are_no_spending_and_no_purchase():
    album = an_album_of(1)
    (take,) = takes_of(replace(album, provider=Provider.SKETCH))
    found = shown(known(album), [attempt_at(take)], (a_file(take),))
    assert found.spending is None
    assert (found.cards[0].cost, found.cards[0].last_purchase) == ("nothing spent", None)
    assert found.facts == ("1 album", "1 track", "1:30")


def test_one_purchase_is_a_track_of_two_albums_and_money_of_the_one_that_submitted_it():
    first, second = an_album_of(1), an_album_of(1, id=AlbumId("second"), title="Second")
    (take,), (other,) = takes_of(first), takes_of(second)
    assert take.digest == other.digest
    files = (a_file(take), a_file(other))
    cards = shown(known(first, second), [attempt_at(take)], files).cards
    assert [(card.id, card.facts[0], card.cost) for card in cards] == [
        ("album", "1 track", "$0.195"), ("second", "1 track", "nothing spent"),
    ]  # fmt: skip


def test_an_album_that_only_the_journal_knows_goes_by_its_id():
    card = card_of({}, [an_attempt(State.LOST)])
    assert (card.title, card.facts, card.cost) == (
        "album", ("known from the journal alone",), "$0.195",
    )  # fmt: skip
    assert overview(known(an_album()), [], (), ()) is None


def test_what_a_manifest_said_survives_the_journal_and_another_form_of_it_is_left_alone():
    album = an_album_of(2, budget_usd=Decimal("0.5"), artist=None)
    before = known(album)[album.id]
    document = album_document(before)
    assert known_album_of(album.id, document) == before
    assert known_album_of(album.id, {**document, "form": 2}) is None


def test_the_page_does_not_depend_on_the_order_in_which_a_journal_learned_things():
    albums = [an_album_of(3, id=AlbumId(name), title=name) for name in ("b", "a", "c")]
    attempts = [
        attempt_at(take, client_request_id=str(take.ref), intent_at=f"2026-08-0{n}T10:00:00.000Z")
        for album in albums
        for n, take in enumerate(takes_of(album), start=1)
    ][:3]
    expected = shown(known(*albums), attempts)
    for seed in range(5):
        shuffled = random.Random(seed).sample(attempts, len(attempts))
        assert shown(known(*reversed(albums)), shuffled) == expected


def test_an_album_is_drawn_from_the_sound_of_its_tracks():
    album = an_album_of(3)
    one, two, three = takes_of(album)
    attempts = [attempt_at(one), attempt_at(two), attempt_at(three)]
    loud = Measurement(is_decodable=True, waveform=encode([1.0] * SLICES))
    quiet = Measurement(is_decodable=True, waveform=encode([0.0] * SLICES))
    heard = {
        attempt.audio.checksum: each
        for attempt, each in zip(attempts, (loud, quiet, loud), strict=True)
        if attempt.audio
    }
    files = (a_file(one), a_file(two))  # the third one is not there
    assert card_of(known(album), attempts, files).sleeve is None
    found = overview(known(album), attempts, files, (), heard)
    assert found is not None
    strokes = (found.cards[0].sleeve or "").split("M")[1:]
    assert len(strokes) == 2 * 24
    assert strokes[0] == "13.5 14.2v31.7"
    assert strokes[-1] == "82.5 65.5v1.0"


def test_a_long_error_is_cut_and_many_troubles_are_counted():
    album = an_album_of(5)
    attempts = [attempt_at(take, State.REJECTED, error="x" * 5000) for take in takes_of(album)]
    card = card_of(known(album), attempts)
    assert (len(card.troubles), card.more_troubles) == (3, 2)
    assert card.troubles[0].error == "x" * 240 + "…"


def test_a_budget_that_was_passed_is_said():
    album = an_album_of(1, budget_usd=Decimal("0.1"))
    card = card_of(known(album), [attempt_at(takes_of(album)[0])])
    assert card.is_over_budget
    assert [(part.start, part.length) for part in card.parts] == [("0.00", "100.00")]


@pytest.mark.parametrize(
    ("days", "unit", "count"),
    [
        (0, Unit.DAY, 14), (30, Unit.DAY, 31), (31, Unit.WEEK, 10), (180, Unit.WEEK, 27),
        (200, Unit.MONTH, 12), (3 * 365, Unit.MONTH, 37), (5 * 365, Unit.YEAR, 6),
        (700 * 365, Unit.YEAR, 2),
    ],
)  # fmt: skip
def test_time_is_cut_into_what_a_chart_has_room_for(days: int, unit: Unit, count: int):
    last = date(2026, 11, 27)
    found = [last - timedelta(days=days), last]
    assert unit_of(found) is unit
    periods = periods_of(found, unit)
    assert len(periods) == count
    assert [period.first for period in periods] == sorted({period.first for period in periods})
    assert periods[-1].first <= last
    assert periods[0].first <= found[0]


def test_a_day_is_a_day_in_utc_and_weeks_begin_on_mondays():
    chart = chart_of("2026-11-26T23:59:59.999Z", "2026-11-27T00:00:00.000Z")
    assert [row.name for row in chart.rows] == ["27 Nov 2026", "26 Nov 2026"]
    chart = chart_of("2026-09-06T12:00:00.000Z", "2026-11-01T12:00:00.000Z")
    assert [row.name for row in chart.rows] == ["week of 26 Oct 2026", "week of 31 Aug 2026"]


def test_columns_stand_on_the_ground_and_none_is_higher_than_the_axis():
    chart = chart_of(*["2026-11-26T10:00:00.000Z"] * 7, "2026-11-20T10:00:00.000Z")
    assert [tick.text for tick in chart.heights] == ["$0.00", "$0.50", "$1.00", "$1.50"]
    for column in chart.columns:
        (part,) = column.parts
        assert float(part.start) + float(part.length) == pytest.approx(100, abs=0.02)
    assert chart.columns[1].text == "26 Nov 2026: $1.365 charged"
    assert float(chart.columns[1].parts[0].length) == pytest.approx(91, abs=0.01)
    assert [tick.text for tick in chart.periods] == ["13 Nov", "17 Nov", "21 Nov"]


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-13-45T00:00:00.000Z", "0001-01-01"])
def test_a_time_that_is_none_still_counts_its_money(stamp: str):
    chart = chart_of(stamp, "2026-11-27T00:00:00.000Z")
    assert [row.cells[-1] for row in chart.rows] == ["$0.39"]
    assert chart_of(stamp).rows[0].cells == ("$0.195",)


def test_the_first_and_the_last_day_that_there_are_have_a_place():
    chart = chart_of("0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z")
    assert [row.name for row in chart.rows] == ["9999", "0001"]
    assert chart_of("0001-01-03T00:00:00.000Z", "0001-02-20T00:00:00.000Z").unit == "week"


def test_many_albums_are_the_dearest_few_and_a_line_for_the_rest():
    albums = [an_album_of(1, id=AlbumId(f"a{n:02d}"), title=f"A {n}") for n in range(12)]
    attempts = [
        attempt_at(
            takes_of(album)[0], client_request_id=album.id, digest=f"{number:064d}",
            booked_microusd=100_000 * (12 - number),
        )
        for number, album in enumerate(albums)
    ]  # fmt: skip
    spending = shown(known(*albums), attempts).spending
    assert spending is not None
    assert [bar.title for bar in spending.bars] == [*(f"A {n}" for n in range(9)), "3 more albums"]
    assert (spending.bars[-1].text, spending.bars[-1].parts) == ("$0.60", ())
    assert len(spending.rows) == 12
    assert spending.total == "$7.80"
