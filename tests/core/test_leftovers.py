from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.purchase.attempt import State
from pipeline.core.store.leftovers import KeptFile, Leftover, Place, References, leftovers
from tests.builders import an_album, an_audio, takes_of
from tests.core.attempts import attempt_at

(TAKE,) = takes_of(an_album())
BOUGHT = "2026-08-01T09:30:00.000Z"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CHECKSUM = an_audio().checksum


def a_file(**fields) -> KeptFile:
    made = {
        "place": Place.STORE,
        "name": f"{CHECKSUM[:2]}/{CHECKSUM}.mp3",
        "size_bytes": 1000,
        "modified_at": LONG_AGO,
    }
    made["shown"] = f"store/{made['name']}"
    return KeptFile(**{**made, **fields})


def an_old_attempt(state: State = State.STORED, **fields):
    return attempt_at(TAKE, state, **{"audio": an_audio(), "intent_at": BOUGHT, **fields})


def found(file=None, attempts=(), *, now=NOW, days=90, shared=False, **known) -> list[Leftover]:
    references = {"latest": {}, "wanted": (), "published": (), **known}
    return list(
        leftovers(
            [file or a_file()],
            References(attempts=tuple(attempts), **references),
            now=now,
            keep=timedelta(days=days),
            is_shared=shared,
        )
    )


def test_audio_that_no_manifest_wants_is_left_over_after_its_time():
    (left,) = found(attempts=[an_old_attempt()])
    assert left.why == "album/one#1 attempt 1: wanted by no manifest, last used 2026-08-01"
    assert left.is_removable
    assert found(attempts=[an_old_attempt()], days=119) == []


@pytest.mark.parametrize("days", [-365, -118.5, -60, 0, 30])
def test_a_clock_that_is_wrong_by_up_to_a_month_or_set_back_never_removes_more(days: float):
    recent = an_old_attempt(completed_at="2026-11-20T09:30:00.000Z")
    assert found(attempts=[recent], now=NOW + timedelta(days=days)) == []


@pytest.mark.parametrize("moment", ["2031-01-01T00:00:00.000Z", "yesterday", "", "2026-08-01"])
def test_a_time_in_the_future_or_one_that_cannot_be_read_keeps_the_audio(moment: str):
    attempt = an_old_attempt()
    assert found(attempts=[an_old_attempt(completed_at=moment)]) == []
    assert found(attempts=[attempt], latest={attempt.client_request_id: moment}) == []


def test_a_recent_change_of_state_keeps_what_was_bought_long_ago():
    attempt = an_old_attempt()
    latest = {attempt.client_request_id: "2026-11-26T00:00:00.000Z"}
    assert found(attempts=[attempt], latest=latest) == []


@pytest.mark.parametrize(
    "known",
    [{"wanted": [TAKE.digest]}, {"published": [TAKE.digest]}, {"locked": [CHECKSUM]}],
    ids=["wanted", "published", "locked"],
)
def test_what_something_refers_to_is_kept_whatever_its_age(known):
    assert found(attempts=[an_old_attempt()], **known) == []


@pytest.mark.parametrize("state", [State.INTENT, State.SUBMITTED, State.READY, State.IN_DOUBT])
def test_what_is_under_way_or_in_doubt_keeps_every_file_of_its_own(state: State):
    attempt = an_old_attempt(state)
    assert found(attempts=[attempt]) == []
    name = f"{attempt.client_request_id}.abc"
    for place in (Place.PARTIAL, Place.WAITING, Place.QUARANTINE):
        assert found(a_file(place=place, name=name), [attempt]) == []


def test_one_blob_of_two_attempts_is_kept_for_either():
    replaced = an_old_attempt(superseded_at=BOUGHT)
    other = an_old_attempt(number=2)
    assert found(attempts=[replaced, other], wanted=[TAKE.digest]) == []
    (left,) = found(attempts=[replaced], wanted=["another"])
    assert "replaced" in left.why


def test_replaced_audio_is_kept_while_it_is_what_is_heard():
    replaced = an_old_attempt(superseded_at=BOUGHT)
    failed = attempt_at(TAKE, State.FAILED, number=2)
    assert found(attempts=[replaced, failed], wanted=[TAKE.digest]) == []


@pytest.mark.parametrize(
    ("file", "shared", "is_removable"),
    [
        (a_file(), False, True),
        (a_file(), True, False),
        (a_file(modified_at=NOW - timedelta(days=89)), False, False),
        (a_file(modified_at=NOW + timedelta(days=1)), False, False),
        (a_file(name="notes.txt"), False, True),
        (a_file(place=Place.PARTIAL, name="x"), False, True),
    ],
    ids=["old", "shared", "young", "future", "no-blob", "partial"],
)
def test_what_no_attempt_has_goes_by_its_age_and_stays_in_a_shared_store(
    file: KeptFile, shared: bool, is_removable: bool
):
    (left,) = found(file, shared=shared)
    assert (left.is_foreign, left.is_removable) == (True, is_removable)


def test_a_finished_attempts_download_is_left_over_and_so_are_old_failures_of_checks():
    attempt = an_old_attempt()
    (left,) = found(a_file(place=Place.PARTIAL, name=attempt.client_request_id), [attempt])
    assert left.is_removable
    (left,) = found(a_file(place=Place.QUARANTINE, name="x.mp3.1"), [attempt])
    assert left.why == "failed a check, set aside 2020-01-01"
    young = a_file(place=Place.QUARANTINE, name="x.mp3.1", modified_at=NOW - timedelta(days=1))
    assert found(young, [attempt]) == []
