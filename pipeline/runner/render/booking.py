"""Recording that a generation was accepted, and what it costs."""

from __future__ import annotations

from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.money import Booking, Cost, booking_of, price_text
from pipeline.core.purchase.attempt import Attempt
from pipeline.errors import ExitCode
from pipeline.runner.render.run import Run


def is_taken(journal: Journal, attempt: Attempt, generation_id: str) -> bool:
    """Whether a generation id belongs to another attempt already."""
    user = journal.generation_user(attempt.provider.value, generation_id)
    return user not in (None, attempt.client_request_id)


async def book(run: Run, attempt: Attempt, generation_id: str, cost: Cost) -> bool:
    """Makes the generation id and its cost durable; a song that is too dear stops buying.

    False, and nothing is recorded, if the generation belongs to another attempt already.
    """
    if is_taken(run.journal, attempt, generation_id):
        return False
    booking = booking_of(cost, reserved_microusd=attempt.reserved_microusd)
    _stop_if_too_dear(run, attempt, booking)
    at = run.clock.stamp()

    def record(journal: Journal) -> bool:
        if is_taken(journal, attempt, generation_id):  # by an answer of the same moment
            return False
        journal.record_submitted(
            attempt.client_request_id,
            generation_id=generation_id,
            booking=booking,
            credits_used=cost.credits,
            at=at,
        )
        return True

    is_booked = await run.write(record)
    if is_booked and attempt.client_request_id in run.intents:
        run.reserved_microusd += booking.amount_microusd - attempt.reserved_microusd
    return is_booked


def _stop_if_too_dear(run: Run, attempt: Attempt, booking: Booking) -> None:
    """Before it is recorded, for the others go on while that is under way."""
    reserved = attempt.reserved_microusd
    if booking.amount_microusd > reserved:
        run.stop_buying("a song cost more than its price")
        run.warn(
            f"{attempt.ref} cost {price_text(booking.amount_microusd)}, "
            f"not {price_text(reserved)}: buying stops",
            hint="check the model's price with the provider before you go on",
            ref=attempt.ref,
            code=ExitCode.BUDGET,
        )
