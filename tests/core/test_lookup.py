from datetime import UTC, datetime, timedelta

from pipeline.core.money import Cost
from pipeline.core.purchase.answers import LogRow
from pipeline.core.purchase.lookup import LONGEST_WINDOW, SCHEDULE_S, match, windows, windows_around

AT = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)


def row(name: str, generation_id: str | None = "g1", *, has_failed: bool = False) -> LogRow:
    return LogRow(
        client_request_id=name, generation_id=generation_id, has_failed=has_failed, cost=Cost()
    )


def test_a_request_is_looked_for_near_its_intent_and_then_widely():
    narrow, wide = windows(AT)
    assert narrow.start < AT < narrow.end
    assert wide.start < narrow.start
    assert narrow.end < wide.end


def test_a_clock_in_the_wrong_time_zone_is_still_inside():
    _, wide = windows(AT)
    for hours in (-12, 14):
        assert wide.start < AT + timedelta(hours=hours) < wide.end


def test_looks_are_repeated_because_logs_lag_behind():
    assert list(SCHEDULE_S) == sorted(SCHEDULE_S)
    assert len(SCHEDULE_S) > 1


def test_the_whole_client_request_id_is_compared():
    rows = [row("sm1.abc.1.n11", "other"), row("sm1.abc.1.n1", "mine")]
    assert match(rows, "sm1.abc.1.n1") == rows[1]
    assert match(rows, "sm1.abc.1.n") is None
    assert match([], "sm1.abc.1.n1") is None


def test_an_accepted_row_counts_before_a_failed_one_and_before_one_without_an_id():
    failed, nameless, accepted = (
        row("a", "g0", has_failed=True),
        row("a", None),
        row("a", "g1"),
    )
    assert match([failed, nameless, accepted], "a") == accepted
    assert match([failed, nameless], "a") == nameless
    assert match([failed], "a") == failed


def test_moments_that_are_near_share_a_window_and_no_window_is_too_long_for_the_log():
    assert windows_around([]) == ()
    (one,) = windows_around([AT, AT + timedelta(days=3)])
    assert one.start < AT < AT + timedelta(days=3) < one.end
    later, sooner = windows_around([AT, AT + timedelta(days=30)])
    assert sooner.end < later.start
    moments = [AT + timedelta(days=day) for day in range(400)]
    found = windows_around(moments)
    assert all(window.end - window.start <= LONGEST_WINDOW for window in found)
    assert all(any(each.start < at < each.end for each in found) for at in moments)
    assert 5 <= len(found) <= 8
