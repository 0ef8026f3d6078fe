from decimal import Decimal

from pipeline.core.ledger.reconciliation import Sum
from pipeline.core.ledger.strays import stray_purchases
from pipeline.core.money import Cost
from pipeline.core.purchase.answers import LogRow
from pipeline.core.purchase.attempt import State
from tests.builders import a_song, an_album, takes_of
from tests.core.attempts import attempt_at

ONE, TWO = takes_of(an_album([a_song("one"), a_song("two", number=2, revision=3)]))
HELD = attempt_at(ONE, State.SUBMITTED)


def row(name: str | None, generation: str | None = "g9", *, failed: bool = False, usd="0.195"):
    cost = Cost(usd=Decimal(usd))
    return LogRow(client_request_id=name, generation_id=generation, has_failed=failed, cost=cost)


def strays(*rows, sums=None, known=(), takes=(ONE, TWO)):
    return stray_purchases(rows, sums or {}, attempts=[HELD], known_ids=known, takes=takes)


def test_an_unknown_purchase_is_named_by_the_take_that_asks_for_the_same():
    name = f"sm1.{TWO.digest[:32]}.1.abcdef"
    (found,) = strays(row(name), row(name))
    assert (found.ref, found.charged_microusd, found.was_sent_here) == (TWO.ref, 195_000, False)
    (found,) = strays(row(name), sums={"g9": Sum(charged_microusd=7)})
    assert found.charged_microusd == 7
    (found,) = strays(row(name), takes=(ONE,))
    assert found.ref is None


def test_an_earlier_request_of_a_take_that_was_billed_is_a_second_purchase():
    name = f"sm1.{ONE.digest[:32]}.1.earlier"
    (found,) = strays(row(name), known={name, HELD.client_request_id})
    assert (found.ref, found.was_sent_here) == (ONE.ref, True)


def test_what_the_journal_stands_for_what_failed_and_what_is_not_ours_is_no_stray():
    name = f"sm1.{TWO.digest[:32]}.1.abc"
    assert (
        strays(
            row(HELD.client_request_id),
            row(name, HELD.generation_id),
            row(name, failed=True, usd="0"),
            row(None),
            row("customer-42"),
            row(f"sm2.{TWO.digest[:32]}.1.abc"),
            row(f"sm1.{TWO.digest[:31]}.1.abc"),
            row(f"{name}\n"),
        )
        == ()
    )
    assert len(strays(row(name, failed=True))) == 1  # failed, and billed
