"""Recording that a generation was accepted, and what it costs."""

from __future__ import annotations

from pipeline.core.money import Cost, booking_of, price_text
from pipeline.core.purchase.attempt import Attempt
from pipeline.errors import ExitCode
from pipeline.runner.render.run import Run


def is_taken(run: Run, attempt: Attempt, generation_id: str) -> bool:
    """Whether a generation id belongs to another attempt already."""
    user = run.journal.generation_user(attempt.provider.value, generation_id)
    return user not in (None, attempt.client_request_id)


def book(run: Run, attempt: Attempt, generation_id: str, cost: Cost) -> None:
    """Makes the generation id and its cost durable; a song that is too dear stops buying."""
    reserved = attempt.reserved_microusd
    booking = booking_of(cost, reserved_microusd=reserved)
    run.journal.record_submitted(
        attempt.client_request_id,
        generation_id=generation_id,
        booking=booking,
        credits_used=cost.credits,
        at=run.clock.stamp(),
    )
    surplus = booking.amount_microusd - reserved
    if attempt.client_request_id in run.intents:
        run.reserved_microusd += surplus
    if surplus > 0:
        run.stop_buying("a song cost more than its price")
        run.warn(
            f"{attempt.ref} cost {price_text(booking.amount_microusd)}, "
            f"not {price_text(reserved)}: buying stops",
            hint="check the model's price with the provider before you go on",
            ref=attempt.ref,
            code=ExitCode.BUDGET,
        )
