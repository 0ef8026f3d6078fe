"""What an earlier run's death left behind."""

from __future__ import annotations

from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.purchase.attempt import State
from pipeline.runner.clock import Clock


def doubt_open_intents(journal: Journal, clock: Clock) -> None:
    """An intent without an answer is an earlier run's death: its request may have left.

    For whoever holds the run lock: nobody else can be about to send it.
    """
    for attempt in journal.attempts():
        if attempt.state is State.INTENT:
            journal.record_state(
                attempt.client_request_id,
                State.IN_DOUBT,
                at=clock.stamp(),
                reason="an earlier run ended before the answer was recorded",
            )
