import csv
import dataclasses
import io
import itertools
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.documents.cost_report import (
    CSV_COLUMNS,
    cost_report,
    report_csv,
    report_line,
    report_markdown,
)
from pipeline.core.handover.tracks import Publication
from pipeline.core.purchase.attempt import State
from pipeline.core.wanted.album import AlbumId, Provider
from tests.builders import a_request, a_song, an_album, takes_of
from tests.core.attempts import attempt_at, checksum

LATER = "2026-08-02T09:30:00.000Z"
SONGS = [
    a_song(name, number=number, request=a_request(prompt=f"a waltz for {name}"))
    for number, name in enumerate(("zebra", "apple", "mango"), start=1)
]
ALBUM = an_album(SONGS, budget_usd=Decimal("3.00"))
ZEBRA, APPLE, MANGO = takes_of(ALBUM)


def report(attempts, *, album=ALBUM, takes=None, publications=()):
    return cost_report(album, takes or takes_of(album), attempts, publications)


def rows(*attempts, **more):
    return report(attempts, **more)["takes"]


def test_an_album_that_nothing_was_tried_of_costs_nothing():
    empty = report([])
    assert empty["takes"] == []
    assert empty["totals"]["charged_usd"] == "0.000000"
    assert (empty["schema"], empty["album"], empty["currency"], empty["budget_usd"]) == (
        "songmake/cost-report/1",
        "album",
        "USD",
        "3.000000",
    )


def test_an_album_without_a_budget_says_null():
    assert report([], album=an_album(SONGS))["budget_usd"] is None


def test_every_attempt_has_its_row_in_track_order():
    old = attempt_at(APPLE, State.PUBLISHED, superseded_at=LATER)
    new = attempt_at(APPLE, State.FAILED, number=2, error="no")
    found = rows(new, attempt_at(MANGO, State.SUBMITTED), old, attempt_at(ZEBRA))
    assert [(row["song"], row["attempt"], row["state"]) for row in found] == [
        ("zebra", 1, "published"),
        ("apple", 1, "superseded"),
        ("apple", 2, "failed"),
        ("mango", 1, "submitted"),
    ]


def test_a_row_says_what_was_bought_and_what_became_of_its_money():
    attempt = attempt_at(
        ZEBRA,
        State.SUBMITTED,
        booked_microusd=200_000,
        credits=400_000,
        cost_source="answer",
        submitted_at=LATER,
    )
    (row,) = rows(attempt)
    assert row["client_request_id"] == attempt.client_request_id
    assert row["digest"] == ZEBRA.digest
    assert row["generation_id"] == attempt.generation_id
    assert (row["held_usd"], row["charged_usd"]) == ("0.200000", "0.000000")
    assert (row["reserved_usd"], row["credits_used"], row["cost_source"]) == (
        "0.195000",
        400_000,
        "answer",
    )
    assert row["submitted_at"] == LATER
    assert row["audio"] is None
    assert row["shared_with"] is None
    assert row["origin"] == "https://api.aimlapi.com"


def test_a_song_that_is_gone_from_the_manifest_stays_in_the_report_and_comes_last():
    smaller = an_album([dataclasses.replace(SONGS[2], number=1)])
    found = rows(attempt_at(APPLE), attempt_at(MANGO), attempt_at(ZEBRA), album=smaller)
    assert [row["song"] for row in found] == ["mango", "apple", "zebra"]
    assert found[2]["charged_usd"] == "0.195000"
    assert found[2]["title"] == "Zebra"


def test_a_song_that_was_renamed_shows_its_title_of_today():
    renamed = an_album([dataclasses.replace(SONGS[0], title="Renamed"), *SONGS[1:]])
    assert rows(attempt_at(ZEBRA), album=renamed)[0]["title"] == "Renamed"


def test_what_another_take_bought_is_listed_at_nothing_with_its_name():
    twin = an_album([SONGS[0], dataclasses.replace(SONGS[0], id="twin", number=2)])
    attempt = attempt_at(takes_of(twin)[0], credits=390_000, cost_source="answer")
    own, shared = rows(attempt, album=twin)
    assert own["shared_with"] is None
    assert shared["song"] == "twin"
    assert shared["shared_with"] == "album/zebra#1"
    money = ("charged_usd", "held_usd", "in_doubt_usd", "reserved_usd")
    assert {shared[name] for name in money} == {"0.000000"}
    assert (shared["credits_used"], shared["cost_source"]) == (0, None)
    totals = report([attempt], album=twin)["totals"]
    assert (totals["charged_usd"], totals["credits"], totals["takes"]) == ("0.195000", 390_000, 2)


def test_an_album_that_another_one_bought_for_is_charged_nothing():
    other = an_album(SONGS, id=AlbumId("other"))
    found = report([attempt_at(ZEBRA)], album=other, takes=[*takes_of(ALBUM), *takes_of(other)])
    assert [row["shared_with"] for row in found["takes"]] == ["album/zebra#1"]
    assert found["totals"]["charged_usd"] == "0.000000"


def test_another_albums_attempts_have_no_row():
    stranger = attempt_at(takes_of(an_album([a_song("x")], id=AlbumId("other")))[0])
    assert rows(stranger) == []


def test_audio_is_the_published_file_beside_the_pristine_bytes():
    attempt = attempt_at(ZEBRA)
    publication = Publication(
        path="album/01-zebra.mp3",
        ref=ZEBRA.ref,
        provider=Provider.AIMLAPI,
        digest=ZEBRA.digest,
        recipe="r",
        checksum=checksum("tagged"),
        size_bytes=1500,
        mtime_ns=1,
    )
    (row,) = rows(attempt, publications=[publication])
    assert attempt.audio is not None
    assert row["audio"] == {
        "path": "01-zebra.mp3",
        "sha256": checksum("tagged"),
        "bytes": 1500,
        "seconds": 90.0,
        "format": "mp3",
        "sample_rate": 44100,
        "channels": 2,
        "stored_sha256": attempt.audio.checksum,
        "stored_bytes": 1000,
    }
    (row,) = rows(attempt, publications=[dataclasses.replace(publication, mtime_ns=None)])
    assert row["audio"]["path"] is None


def test_a_sketch_has_no_origin_and_no_price():
    album = an_album(SONGS, provider=Provider.SKETCH)
    (row,) = rows(attempt_at(takes_of(album)[0], origin="http://127.0.0.1:4711"), album=album)
    assert (row["origin"], row["charged_usd"], row["provider"]) == (None, "0.000000", "sketch")


states = st.lists(
    st.tuples(
        st.sampled_from(State), st.sampled_from([ZEBRA, APPLE, MANGO]), st.integers(0, 10**7)
    ),
    max_size=12,
)


@given(states)
def test_totals_are_the_sum_of_the_rows(drawn):
    attempts = [
        attempt_at(take, state, number=number, booked_microusd=cost)
        for number, (state, take, cost) in enumerate(drawn, start=1)
        if state is not State.SUPERSEDED
    ]
    found = report(attempts)
    for name in ("charged_usd", "held_usd", "in_doubt_usd"):
        total = sum((Decimal(row[name]) for row in found["takes"]), Decimal(0))
        assert Decimal(found["totals"][name]) == total
    assert found["totals"]["takes"] == len(found["takes"])


def test_the_same_journal_and_manifest_give_the_same_bytes():
    attempts = [attempt_at(ZEBRA), attempt_at(APPLE, State.FAILED), attempt_at(MANGO)]
    texts = {
        (json.dumps(found), report_csv(found), report_markdown(found, title="T"))
        for found in (report(list(order)) for order in itertools.permutations(attempts))
    }
    assert len(texts) == 1


# --- as CSV ---


def table(found) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report_csv(found))))


def test_a_length_is_rounded_as_in_the_playlist():
    found = report([attempt_at(ZEBRA)])
    found["takes"][0]["audio"]["seconds"] = 59.6
    assert "| 1:00 |" in report_markdown(found, title="T")


def test_the_csv_has_a_column_for_everything_that_a_ledger_wants():
    (row,) = table(report([attempt_at(ZEBRA, error='a, "quoted" line\nand another')]))
    assert tuple(row) == CSV_COLUMNS
    assert (row["song"], row["charged_usd"], row["seconds"]) == ("zebra", "0.195000", "90.0")
    assert row["error"] == 'a, "quoted" line\nand another'
    assert row["path"] == ""


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_runs_as_a_formula(sign: str):
    evil = f'{sign}HYPERLINK("http://example.invalid")'
    songs = [dataclasses.replace(SONGS[0], title=evil)]
    (row,) = table(report([attempt_at(ZEBRA, error=evil)], album=an_album(songs)))
    assert row["title"] == f"'{evil}"
    assert row["error"] == f"'{evil}"


def test_a_title_that_only_contains_such_a_sign_stays_as_it_is():
    songs = [dataclasses.replace(SONGS[0], title="1=1 + 2")]
    assert table(report([attempt_at(ZEBRA)], album=an_album(songs)))[0]["title"] == "1=1 + 2"


# --- as Markdown ---


def markdown_of(title: str, *, song_title: str = "Zebra") -> str:
    songs = [dataclasses.replace(SONGS[0], title=song_title)]
    return report_markdown(report([attempt_at(ZEBRA)], album=an_album(songs)), title=title)


def test_the_markdown_says_the_money_in_words_for_people():
    text = report_markdown(
        report([attempt_at(ZEBRA), attempt_at(APPLE, State.SUBMITTED)]), title="Small Hours"
    )
    assert text.startswith("# Cost report: Small Hours\n")
    assert "Charged $0.195 · held $0.195 · in doubt $0.00 · released $0.00 · budget $3.00" in text
    assert "| zebra | 1 | 1 | Zebra | published | $0.195 | $0.00 | $0.00 | 1:30 |" in text
    assert "| – |" in text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a | b", r"a \| b"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[click](javascript:x)", r"\[click\](javascript:x)"),
        ("**bold** _it_ `code`", r"\*\*bold\*\* \_it\_ \`code\`"),
        ("back\\slash", r"back\\slash"),
        ("two\n| lines", r"two \| lines"),
        ("R&B", "R&amp;B"),
    ],
)
def test_a_title_stays_text_in_markdown(typed: str, shown: str):
    text = markdown_of(typed, song_title=typed)
    assert text.startswith(f"# Cost report: {shown}\n")
    row = text.splitlines()[-1]
    assert f"| {shown} |" in row


def test_a_shared_take_says_with_whom():
    twin = an_album([SONGS[0], dataclasses.replace(SONGS[0], id="twin", number=2)])
    text = report_markdown(report([attempt_at(takes_of(twin)[0])], album=twin), title="T")
    assert "published (shared with album/zebra#1)" in text


def test_one_line_sums_it_up():
    line = report_line(report([attempt_at(ZEBRA), attempt_at(APPLE, State.IN_DOUBT)]))
    assert line == "album: 2 rows · charged $0.195 · held $0.00 · in doubt $0.195"
