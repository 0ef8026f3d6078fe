from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pipeline.core.checkup.account import Greeting, judge_clock, judge_key, judge_reach
from pipeline.core.checkup.check import Check, Verdict, exit_code, failure, ok, warning
from pipeline.core.checkup.places import Place, judge_place, judge_room, kind_at
from pipeline.core.checkup.records import judge_journal, judge_store
from pipeline.core.checkup.software import (
    Requirement,
    fits,
    judge_extras,
    judge_packages,
    requirement_of,
)
from pipeline.core.ledger.account_answers import Balance, NotOffered
from pipeline.core.purchase.answers import Unreachable
from pipeline.core.purchase.attempt import State
from pipeline.core.wanted.album import Provider
from pipeline.errors import ExitCode
from tests.builders import an_attempt

NOW = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
GB = 10**9
CLICK = requirement_of("click<9,>=8.1.8")
EXTRAS = tuple(
    requirement_of(f"{name}>=1; extra == '{extra}'")
    for name, extra in (("numpy", "audio"), ("lameenc", "sketch"), ("obstore", "s3"))
)


def a_place(**fields) -> Place:
    made = {"used_for": "state", "shown": ".songmake", "is_there": True, "broken": (),
            "kind": "ext4", "free_bytes": 50 * GB, "device": 1}  # fmt: skip
    return Place(**{**made, **fields})


def test_requirements_are_read_as_packages_declare_them():
    assert Requirement(package="click", bounds=((">=", "8.1.8"), ("<", "9"))) == CLICK
    assert str(CLICK) == "click>=8.1.8,<9"
    found = requirement_of('uvicorn[standard]<1,>=0.34; extra == "sketch"')
    assert (found.package, found.extra) == ("uvicorn", "sketch")


@pytest.mark.parametrize(
    ("version", "keeps"),
    [("8.1.8", True), ("8.10", True), ("8.1.7", False), ("9", False), ("9.0.0rc1", False)],
)
def test_versions_are_compared_as_numbers(version: str, keeps: bool):
    assert fits(version, CLICK.bounds) is keeps


def test_a_package_that_is_missing_or_old_is_named_with_what_to_type():
    old = judge_packages([CLICK], {"click": "7.0"})
    assert (old.verdict, old.hint) == (Verdict.FAIL, "pip install 'click>=8.1.8,<9'")
    assert "click 7.0" in old.message
    assert judge_packages([CLICK], {"click": None}).message == "click is missing"
    assert judge_packages([CLICK], {"click": "8.2"}).verdict is Verdict.OK
    assert judge_packages([], {}).verdict is Verdict.SKIP


def test_the_engine_is_missed_only_by_those_who_sketch():
    without = {"numpy": "2", "obstore": "1"}
    verdicts = {
        provider: judge_extras(EXTRAS, without, frozenset({provider})) for provider in Provider
    }
    assert verdicts[Provider.SKETCH].verdict is Verdict.FAIL
    assert verdicts[Provider.AIMLAPI].verdict is Verdict.WARN
    assert verdicts[Provider.SKETCH].hint == "pip install 'songmake[sketch]'"
    assert judge_extras(EXTRAS, {"numpy": "2", "lameenc": "1"}, frozenset()).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("key", "is_buying", "verdict"),
    [
        (None, False, Verdict.OK),
        (None, True, Verdict.FAIL),
        ("k" * 32, True, Verdict.OK),
        ("short", True, Verdict.WARN),
        ('"' + "k" * 32 + '"', True, Verdict.WARN),
        ("Bearer-" + "k" * 32, True, Verdict.WARN),
    ],
)
def test_a_key_is_judged_by_its_shape_and_never_shown(key, is_buying: bool, verdict: Verdict):
    check = judge_key(key, is_buying=is_buying)
    assert check.verdict is verdict
    assert key is None or key not in f"{check.message} {check.hint}"


@pytest.mark.parametrize(
    ("answer", "verdict", "said"),
    [
        (Unreachable(reason="no route"), Verdict.FAIL, "no route"),
        (Greeting(status=401, at=NOW, balance=NotOffered(reason="HTTP 401")), Verdict.FAIL, "401"),
        (Greeting(status=404, at=NOW, balance=NotOffered(reason="HTTP 404")), Verdict.OK, "404"),
        (Greeting(status=401, at=NOW, balance=None), Verdict.OK, "answers"),
        (Greeting(status=200, at=NOW, balance=Balance(usd=Decimal("1.5"))), Verdict.OK, "$1.50"),
        (Greeting(status=200, at=NOW, balance=Balance(usd=Decimal(0))), Verdict.WARN, "used up"),
    ],
)
def test_what_a_provider_answers_is_told_apart(answer, verdict: Verdict, said: str):
    check = judge_reach("api.example", answer)
    assert (check.verdict, said in check.message) == (verdict, True), check


@pytest.mark.parametrize(
    ("off_s", "verdict", "said"),
    [
        (3, Verdict.OK, "agrees"),
        (-31, Verdict.WARN, "31 s behind"),
        (600, Verdict.WARN, "600 s ahead of"),
        (-3600, Verdict.FAIL, "3600 s behind"),
    ],
)
def test_a_clock_may_be_off_by_less_than_a_lost_answer_is_looked_for(
    off_s: int, verdict: Verdict, said: str
):
    answer = Greeting(status=200, at=NOW - timedelta(seconds=off_s), balance=None)
    check = judge_clock(answer, now=NOW)
    assert (check.verdict, said in check.message) == (verdict, True), check
    assert judge_clock(Greeting(status=200, at=None, balance=None), now=NOW).verdict is Verdict.SKIP


def test_a_database_on_a_shared_file_system_is_warned_of():
    assert judge_place(a_place()).verdict is Verdict.OK
    assert judge_place(a_place(kind="nfs4")).verdict is Verdict.WARN
    assert judge_place(a_place(kind="nfs4", used_for="outputs")).verdict is Verdict.OK
    broken = judge_place(a_place(broken=("locks do not work: two holders at once",)))
    assert (broken.verdict, broken.code) == (Verdict.FAIL, ExitCode.FAILED)
    assert "--state DIR" in str(broken.hint)


def test_the_tightest_disk_counts_and_a_large_album_needs_more():
    small = a_place(shown="outputs", free_bytes=2 * GB, device=2)
    assert judge_room([a_place(), small], takes=1).verdict is Verdict.OK
    assert judge_room([a_place(), small], takes=200).verdict is Verdict.WARN
    full = judge_room([a_place(), a_place(shown="outputs", free_bytes=10**6, device=2)], takes=1)
    assert (full.verdict, full.message) == (Verdict.FAIL, "only 1.0 MB free at outputs")


def test_a_mount_inside_another_is_the_one_that_counts():
    mounts = (("/", "overlay"), ("/music", "nfs4"), ("/musicals", "xfs"))
    assert kind_at("/music/one/album", mounts) == "nfs4"
    assert kind_at("/musicals/album", mounts) == "xfs"
    assert kind_at("/music", mounts) == "nfs4"
    assert kind_at("/srv", mounts) == "overlay"
    assert kind_at("/srv", ()) == ""


def test_a_journal_tells_of_takes_in_doubt_and_of_its_older_form():
    doubtful = judge_journal([an_attempt(State.IN_DOUBT)], form=4, newest_form=4)
    assert (doubtful.verdict, doubtful.hint) == (Verdict.WARN, "songmake status")
    older = judge_journal([], form=3, newest_form=4)
    assert (older.verdict, "form 3" in older.message) == (Verdict.OK, True)


def test_an_empty_store_is_wrong_only_if_something_was_stored():
    empty = {"is_empty": True, "is_asked": True}
    assert judge_store("store", stored_takes=0, **empty).verdict is Verdict.OK
    assert judge_store("store", stored_takes=2, **empty).code is ExitCode.DAMAGED


def test_the_exit_code_is_the_first_failure_s_in_the_order_of_all_commands():
    checks: list[Check] = [ok("a", "fine"), warning("b", "so so", hint="do")]
    assert exit_code(checks) is ExitCode.OK
    checks += [
        failure("c", "off", hint=None, code=ExitCode.UNFINISHED),
        failure("d", "off", hint=None),
    ]
    assert exit_code(checks) is ExitCode.FAILED
    checks.append(failure("e", "off", hint=None, code=ExitCode.DAMAGED))
    assert exit_code(checks) is ExitCode.DAMAGED
