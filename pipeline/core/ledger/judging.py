"""What the provider's ledger and log say of each paid attempt, beside what the journal says.

Money follows the ledger, and only what is in it: an entry that is not there proves nothing, since
the ledger lags behind. What became of a generation follows its poll and its row in the log.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.core.ledger.reconciliation import (
    Charge,
    Correct,
    Evidence,
    Find,
    Finding,
    Kind,
    Move,
    Others,
    Release,
    Sum,
    moment,
)
from pipeline.core.money import Booking, booking_of, price_text
from pipeline.core.purchase.answers import Failed, Finished, LogRow, PollAnswer, Running
from pipeline.core.purchase.attempt import DOUBTFUL, Attempt, State
from pipeline.core.purchase.lookup import WIDE
from pipeline.core.purchase.mends import settle_hint

LAG = timedelta(hours=24)  # after that, a charge that is still not in the ledger is told as missing
NOISE_MICROUSD = 1  # the journal rounds up, the ledger's numbers to the nearest


def judge(attempt: Attempt, evidence: Evidence, others: Others, now: datetime) -> Finding:
    """Compares one paid attempt with what was read."""
    if attempt.state in DOUBTFUL or attempt.state in (State.PLANNED, State.REJECTED):
        return _unaccepted(attempt, evidence, others)
    row = evidence.row_of(attempt)
    named = attempt.generation_id or (row.generation_id if row is not None else None)
    total = evidence.sums.get(named or "")
    if attempt.state is State.FAILED:
        return _failed(attempt, total)
    if not _is_covered(attempt, evidence) or (named or "") in evidence.unclear:
        return _finding(
            attempt, Kind.NOT_COMPARED, None, "the ledger does not tell, as far as read"
        )
    if attempt.state is State.SUBMITTED:
        return _held(attempt, evidence, total, now)
    return _charged(attempt, total, now)


def _is_covered(attempt: Attempt, evidence: Evidence) -> bool:
    begun = moment(attempt.intent_at)
    since = evidence.ledger_since
    return since is not None and (begun is None or begun - WIDE >= since)


def _is_old(attempt: Attempt, now: datetime) -> bool:
    told = attempt.completed_at or attempt.submitted_at or attempt.intent_at
    last = moment(told)
    return last is None or now - last >= LAG


def _finding(
    attempt: Attempt,
    kind: Kind,
    total: Sum | None,
    message: str,
    *,
    move: Move | None = None,
    hint: str | None = None,
) -> Finding:
    return Finding(
        attempt=attempt,
        kind=kind,
        ledger_microusd=None if total is None else total.net_microusd,
        message=message,
        move=move,
        hint=hint,
    )


def _unaccepted(attempt: Attempt, evidence: Evidence, others: Others) -> Finding:
    """Nothing is known to have been accepted: in doubt, planned or rejected."""
    row = evidence.requests.get(attempt.client_request_id)
    if row is None or (row.generation_id is None and not row.has_failed):
        return _as_before(attempt)
    if row.has_failed and not row.cost.usd:
        if attempt.state not in DOUBTFUL:
            return _as_before(attempt)
        message = "the provider's log says that it failed; nothing was charged"
        return _finding(attempt, Kind.RELEASED, None, message, move=Release(reason=message))
    generation_id = row.generation_id or ""
    total = evidence.sums.get(generation_id)
    if row.has_failed or not others.may_find(attempt, generation_id):
        return _anyway(attempt, total, f"the log has it as generation {generation_id or '?'}")
    cost = row.cost if row.cost.usd else None
    estimated = Booking(amount_microusd=attempt.reserved_microusd, source="estimated")
    logged = booking_of(cost, reserved_microusd=attempt.reserved_microusd) if cost else estimated
    has_charge = total is not None and total.net_microusd > 0
    booking = total.booking if total is not None and has_charge else logged
    price = price_text(booking.amount_microusd)
    return _finding(
        attempt,
        Kind.FOUND,
        total,
        f"{attempt.state.value}, and accepted as generation {generation_id} for {price}",
        move=Find(
            generation_id=generation_id,
            booking=booking,
            credits=total.credits if total is not None and has_charge else row.cost.credits,
        ),
        hint="collect it, free: songmake render",
    )


def _as_before(attempt: Attempt) -> Finding:
    if attempt.state not in DOUBTFUL:
        return _finding(attempt, Kind.AGREES, None, "nothing was accepted")
    return _finding(
        attempt,
        Kind.IN_DOUBT,
        None,
        "the log does not know it, which proves nothing",
        hint=settle_hint(attempt.ref),
    )


def _anyway(attempt: Attempt, total: Sum | None, how: str) -> Finding:
    price = price_text(total.net_microusd) if total is not None else "how much is not known"
    command = f"songmake settle '{attempt.ref}' --charged"
    return _finding(
        attempt,
        Kind.CHARGED_ANYWAY,
        total,
        f"{attempt.state.value}, and charged all the same ({price}): {how}",
        hint=f"ask the provider for a refund, or count it: {command}"
        if attempt.superseded_at is None
        else "ask the provider for a refund",
    )


def _failed(attempt: Attempt, total: Sum | None) -> Finding:
    if total is None or total.net_microusd == 0:
        return _finding(attempt, Kind.AGREES, total, "it failed and cost nothing")
    return _anyway(attempt, total, f"generation {attempt.generation_id}")


def _held(attempt: Attempt, evidence: Evidence, total: Sum | None, now: datetime) -> Finding:
    """A hold: has it become a charge, or was it given back?"""
    poll, row = evidence.polls.get(attempt.client_request_id), evidence.row_of(attempt)
    is_charged = total is not None and total.net_microusd > 0
    if _has_failed(poll, row):
        if is_charged:
            return _anyway(
                attempt, total, "the generation failed; its hold stays until the refund is there"
            )
        reason = poll.reason if isinstance(poll, Failed) else "failed, says the provider's log"
        message = f"the generation failed and nothing was charged: {reason}"
        return _finding(attempt, Kind.RELEASED, total, message, move=Release(reason=reason))
    if isinstance(poll, Finished) and total is not None and is_charged:
        return _finding(
            attempt,
            Kind.SETTLED,
            total,
            f"rendered, and charged {price_text(total.net_microusd)}",
            move=Charge(booking=total.booking, credits=total.credits),
            hint="collect it, free: songmake render",
        )
    if _is_old(attempt, now):
        became = "charged and never collected" if is_charged else "neither charged nor given back"
        return _finding(
            attempt,
            Kind.UNSETTLED,
            total,
            f"held since {attempt.submitted_at or attempt.intent_at}, {became}",
            hint="collect it, free: songmake render\n"
            f"or, if the provider says so: songmake settle '{attempt.ref}' --charged",
        )
    if total is not None and is_charged:
        return _compared(attempt, total)
    return _finding(attempt, Kind.PENDING, total, "held; the ledger does not say more yet")


def _has_failed(poll: PollAnswer | None, row: LogRow | None) -> bool:
    """A poll counts before the log, which may tell of the submission alone."""
    if isinstance(poll, (Failed, Finished, Running)):
        return isinstance(poll, Failed)
    return row is not None and row.has_failed and not row.cost.usd


def _charged(attempt: Attempt, total: Sum | None, now: datetime) -> Finding:
    if total is not None:
        return _compared(attempt, total)
    if not _is_old(attempt, now):
        return _finding(attempt, Kind.PENDING, None, "not in the ledger yet")
    return _finding(
        attempt,
        Kind.UNCHARGED,
        None,
        f"counted as {price_text(attempt.cost_microusd)}, and not in the ledger",
        hint="songmake keeps its count: look at the account's own pages",
    )


def _compared(attempt: Attempt, total: Sum) -> Finding:
    """Booked against charged, both known."""
    booked, charged = attempt.cost_microusd, total.net_microusd
    correct = Correct(booking=total.booking, credits=total.credits)
    if abs(booked - charged) <= NOISE_MICROUSD:
        is_guess = attempt.cost_source in (None, "estimated")
        return _finding(attempt, Kind.AGREES, total, "agrees", move=correct if is_guess else None)
    said = f"booked {price_text(booked)}, charged {price_text(charged)}"
    if charged < booked and total.returned_microusd:
        back = price_text(total.returned_microusd)
        return _finding(
            attempt, Kind.REFUNDED, total, f"{said}: {back} was given back", move=correct
        )
    if charged < booked:
        return _finding(attempt, Kind.CHARGED_LESS, total, said, move=correct)
    times = f" in {total.charges} charges" if total.charges > 1 else ""
    return _finding(attempt, Kind.CHARGED_MORE, total, said + times, move=correct)
