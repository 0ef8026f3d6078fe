import pytest

from pipeline.core.lock.salvage import NOBODY, salvage
from pipeline.core.purchase.attempt import State
from tests.core.attempts import attempt_at
from tests.core.test_lock_document import JOURNAL, ONE, THREE, TWO, read, text_of

THEIRS = "f" * 32


def test_an_intact_lock_is_read_as_it_is():
    text = text_of(attempt_at(ONE), attempt_at(TWO, State.SUBMITTED))
    found = salvage(text, album="album")
    assert found.rows == read(text).rows
    assert (found.albums, found.journals, found.unread) == (("album",), (JOURNAL,), ())
    assert found.owner(JOURNAL) == found.owner(THEIRS) == JOURNAL


def test_both_sides_of_a_conflict_are_read():
    ours = text_of(attempt_at(ONE), attempt_at(TWO)).splitlines()
    theirs = text_of(attempt_at(ONE), attempt_at(THREE)).replace(JOURNAL, THEIRS).splitlines()
    text = "\n".join(["<<<<<<< HEAD", *ours, "=======", *theirs, ">>>>>>> theirs", ""])
    found = salvage(text, album="album")
    assert {row.attempt.digest for row in found.rows} == {ONE.digest, TWO.digest, THREE.digest}
    assert found.unread == ()
    assert (found.owner(THEIRS), found.owner("0" * 31 + "1")) == (THEIRS, JOURNAL)


def test_a_line_that_cannot_be_read_is_named_and_the_lock_is_nobodys():
    lines = text_of(attempt_at(ONE), attempt_at(TWO)).splitlines()
    broken = next(number for number, line in enumerate(lines) if '"song-2"' in line)
    lines[broken] = lines[broken][:60]
    found = salvage("\n".join(lines), album="album")
    assert [row.attempt.digest for row in found.rows] == [ONE.digest]
    assert found.unread == (broken + 1,)
    assert found.owner(JOURNAL) == NOBODY


def test_a_row_whose_request_is_gone_still_counts():
    lines = text_of(attempt_at(ONE)).splitlines()
    kept = [line for line in lines if not line.strip().startswith(f'"{ONE.digest}"')]
    (row,) = salvage("\n".join(kept), album="album").rows
    assert (row.attempt.digest, row.attempt.identity_json) == (ONE.digest, "{}")


def test_prose_is_no_lock():
    found = salvage("dear diary,\n\n{]\n", album="album")
    assert (found.rows, found.journals, found.unread) == ((), (), (1,))


def test_signs_that_break_lines_elsewhere_break_none_in_a_lock():
    title = "half\u2028past\x85ten"
    found = salvage(text_of(attempt_at(ONE, title=title)), album="album")
    assert [row.attempt.title for row in found.rows] == [title]
    assert found.owner(JOURNAL) == JOURNAL


@pytest.mark.parametrize("value", ["1e999", '"\\ud800"', "[" * 90 + "]" * 90])
def test_a_request_that_could_not_be_written_back_is_unread(value: str):
    text = text_of(attempt_at(ONE)).replace(
        f'"{ONE.digest}": {{', f'"{ONE.digest}": {{"x":{value},'
    )
    assert '"x":' in text
    found = salvage(text, album="album")
    assert (len(found.rows), len(found.unread)) == (1, 1)
    assert found.owner(JOURNAL) == NOBODY
