import dataclasses
import difflib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.lock.document import Lock, LockRefusal, is_lock_text, lock_text, read_lock
from pipeline.core.lock.rows import lock_line
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, State, ref_of
from pipeline.core.wanted.album import Provider
from tests.builders import a_request, a_song, an_album, takes_of
from tests.core.attempts import attempt_at, checksum

JOURNAL = "0123456789abcdef" * 2
LATER = "2026-08-02T09:30:00.000Z"
SONGS = [
    a_song(f"song-{number}", number=number, request=a_request(prompt=f"waltz number {number}"))
    for number in range(1, 5)
]
TAKES = takes_of(an_album(SONGS))
ONE, TWO, THREE, FOUR = TAKES
EVERYTHING = {
    "origin": "https://api.aimlapi.com",
    "booked_microusd": 123_457,
    "credits": 9,
    "cost_source": "answer",
    "submitted_at": LATER,
    "completed_at": LATER,
    "error": "a “quoted”\nreason",
}


def text_of(*attempts: Attempt, measurements=None) -> str:
    return lock_text(
        album="album",
        journal=JOURNAL,
        lines=[lock_line(attempt, album="album") for attempt in attempts],
        requests={attempt.digest: attempt.identity_json for attempt in attempts},
        measurements=measurements or {},
    )


def read(text: str) -> Lock:
    found = read_lock(text)
    assert isinstance(found, Lock), found
    return found


def refused(text: str) -> LockRefusal:
    found = read_lock(text)
    assert isinstance(found, LockRefusal), found
    return found


# --- what is written is read back ---


@pytest.mark.parametrize("state", sorted(set(State) - {State.SUPERSEDED}))
def test_an_attempt_of_any_state_comes_back_as_it_was(state: State):
    attempt = attempt_at(ONE, state, **EVERYTHING)
    if state in HAS_AUDIO:
        attempt = dataclasses.replace(attempt, state=State.STORED)
    (back,) = read(text_of(attempt)).attempts
    assert back == dataclasses.replace(attempt, body_json="{}")


def test_a_replaced_attempt_keeps_what_it_had_come_to():
    old = attempt_at(ONE, State.STORED, superseded_at=LATER)
    new = attempt_at(ONE, State.SUBMITTED, number=2)
    assert [row.superseded_at for row in read(text_of(old, new)).attempts] == [LATER, None]


def test_published_and_stored_are_the_same_line_on_every_machine():
    assert text_of(attempt_at(ONE, State.PUBLISHED)) == text_of(attempt_at(ONE, State.STORED))


def test_the_port_of_a_sketch_engine_is_not_in_it():
    sketch = attempt_at(ONE, provider=Provider.SKETCH, origin="http://127.0.0.1:50123")
    text = text_of(sketch)
    assert "50123" not in text
    (back,) = read(text).attempts
    assert (back.provider, back.origin) == (Provider.SKETCH, "")


def test_another_albums_purchase_names_its_album():
    guest = attempt_at(ONE, ref=ref_of("another", "song-9", 1))
    text = text_of(guest, attempt_at(TWO))
    assert text.count('"album":"another"') == 1
    assert {row.ref.album for row in read(text).attempts} == {"another", "album"}


def test_the_same_attempts_give_the_same_bytes_in_any_order():
    attempts = [attempt_at(take) for take in TAKES]
    assert text_of(*attempts) == text_of(*reversed(attempts))


def test_every_attempt_and_every_request_has_one_line_of_its_own():
    lines = text_of(*(attempt_at(take, **EVERYTHING) for take in TAKES)).splitlines()
    for take in TAKES:
        assert sum(f'"song":"{take.ref.song}"' in line for line in lines) == 1
        assert sum(line.strip().startswith(f'"{take.digest}"') for line in lines) == 1
    assert json.loads("\n".join(lines))["schema"] == "songmake/lock/1"


def test_a_row_says_its_line():
    text = text_of(*(attempt_at(take) for take in TAKES))
    lines = text.splitlines()
    for row in read(text).rows:
        assert row.attempt.client_request_id in lines[row.line - 1]


def test_any_layout_is_read_as_well():
    text = text_of(*(attempt_at(take, **EVERYTHING) for take in TAKES))
    for again in (json.dumps(json.loads(text), indent=4), json.dumps(json.loads(text))):
        assert read(again).attempts == read(text).attempts


def test_measurements_are_carried_along():
    measurements = {checksum("a"): {"loudness_lufs": -14.2}}
    text = text_of(attempt_at(ONE), measurements=measurements)
    assert read(text).measurements == measurements
    assert "measurements" not in text_of(attempt_at(ONE))


def test_an_album_without_attempts_has_a_lock_all_the_same():
    assert read(text_of()).attempts == ()


@pytest.mark.parametrize("number", range(4))
def test_one_more_purchase_changes_few_lines(number: int):
    before = text_of(*(attempt_at(take) for take in TAKES if take is not TAKES[number]))
    after = text_of(*(attempt_at(take) for take in TAKES))
    assert len(changed_lines(before, after)) <= 6


def changed_lines(before: str, after: str) -> list[str]:
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in found if line[0] in "+-" and line[:3] not in ("+++", "---")]


# --- what is not believed ---

GOOD = text_of(attempt_at(ONE), attempt_at(TWO, State.SUBMITTED, audio=None))
DEEP = "[" * 90 + "]" * 90
FIRST_ROW = next(n for n, line in enumerate(GOOD.splitlines(), 1) if '"song":' in line)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('"songmake/lock/1"', '"songmake/lock/2"', 2, "written by a newer songmake"),
        ('"songmake/lock/1"', '"package-lock/1"', 2, "not songmake/lock/1"),
        ('"album": "album"', '"album": "An Album"', 3, "album cannot be"),
        (JOURNAL, "mine", 4, "journal cannot be"),
        ('  "requests"', '  "wishes": {},\n  "requests"', 5, "'wishes' is unknown"),
        ('"attempts": [', '"attempts": [[],', FIRST_ROW - 1, "expected an object"),
        ('"take":1,"attempt"', '"take":0,"attempt"', FIRST_ROW, "take cannot be 0"),
        ('"take":1,"attempt"', '"take":true,"attempt"', FIRST_ROW, "take cannot be true"),
        ('"take":1,"attempt"', '"take":1,"take":1,"attempt"', FIRST_ROW, "comes twice"),
        ('"attempt":1,', '"attempt":1,"tempo":92,', FIRST_ROW, "'tempo' is unknown"),
        ('"attempt":1,', "", FIRST_ROW, "attempt is missing"),
        ('"state":"stored"', '"state":"published"', FIRST_ROW, "state cannot be"),
        ('"state":"submitted"', '"state":"stored"', FIRST_ROW + 1, "has no audio"),
        ('"reserved_usd":"0.195000"', '"reserved_usd":0.195', FIRST_ROW, "reserved_usd cannot"),
        ('"reserved_usd":"0.195000"', '"reserved_usd":NaN', FIRST_ROW, "NaN is no JSON number"),
        ("2026-08-01T09:30", "2026-13-01T09:30", FIRST_ROW, "month"),
        ('"bytes":1000', '"bytes":-1', FIRST_ROW, "bytes cannot be -1"),
        ('"title":"Song-1"', '"title":"\\ud800"', FIRST_ROW, "half a character"),
        (f'"{ONE.digest}"', f'"{FOUR.digest}"', FIRST_ROW, "requests has no"),
        ('"songmake/lock/1"', "1e999", 2, "its schema is Infinity"),
        ('"songmake/lock/1"', '"songmake/lock/2\\ud800"', 2, "a newer songmake (form \"song"),
        ('"album": "album"', "\"album\": \"\x9b2J\"", 3, "\\u009b2J"),
        ('"attempt":1,', f'"attempt":1,"x":{DEEP},', FIRST_ROW, "nested too deeply"),
    ],
)  # fmt: skip
def test_what_no_lock_may_hold_is_named_with_its_line(old: str, new: str, line: int, reason: str):
    assert old in GOOD
    found = refused(GOOD.replace(old, new, 1))
    assert (found.line, reason in found.reason) == (line, True), found


def test_a_missing_comma_is_named_with_its_line():
    lines = GOOD.splitlines()
    lines[FIRST_ROW - 1] = lines[FIRST_ROW - 1].rstrip(",")
    found = refused("\n".join(lines))
    assert (found.line, found.reason) == (FIRST_ROW + 1, "expected “,” or “]”")


def test_a_newer_form_asks_for_a_newer_songmake():
    assert refused(GOOD.replace("lock/1", "lock/2")).hint == "install the newer songmake"


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "=======", ">>>>>>> theirs", "||||||| base"])
def test_a_merge_conflict_is_named_with_its_line(mark: str):
    lines = GOOD.splitlines()
    lines.insert(FIRST_ROW, mark)
    found = refused("\n".join(lines))
    assert (found.line, found.reason) == (FIRST_ROW + 1, "a merge conflict is not resolved")


def test_signs_of_a_conflict_inside_a_title_are_only_a_title():
    read(text_of(attempt_at(ONE, title="======= <<<<<<< HEAD")))


def test_an_attempt_that_comes_twice_is_refused():
    row = GOOD.splitlines()[FIRST_ROW - 1]
    found = refused(GOOD.replace(row, f"{row}\n{row}", 1))
    assert found.line == FIRST_ROW + 1
    assert f"that of line {FIRST_ROW} too" in found.reason


def test_two_attempts_cannot_have_one_generation():
    twice = text_of(attempt_at(ONE, generation_id="g1"), attempt_at(TWO, generation_id="g1"))
    assert "generation_id" in refused(twice).reason


@pytest.mark.parametrize("text", ["", "{", "[]", "null", GOOD + "{}", GOOD[:-3], "\x00"])
def test_what_is_no_json_object_is_refused(text: str):
    assert refused(text).line >= 1


def test_depth_is_no_way_to_break_it():
    assert refused(GOOD.replace('"error":null', '"error":' + "[" * 100_000)).line == FIRST_ROW


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 40), st.text(max_size=5))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_damaged_lock_is_refused_or_read_and_never_more(start: int, length: int, put: str):
    found = read_lock(GOOD[:start] + put + GOOD[start + length :])
    assert isinstance(found, (Lock, LockRefusal))


def test_only_a_lock_calls_itself_one():
    assert is_lock_text(GOOD)
    assert is_lock_text(GOOD.replace("lock/1", "lock/9"))
    assert not is_lock_text('{"schema": "songmake/cost-report/1"}')
    assert not is_lock_text("a lock of hair")
