"""The states of a take as people are told them; commands and documents name them as they are."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.core.purchase.attempt import State

# How one take stands, on a page.
STATE_WORDS: Mapping[State, str] = {
    State.PLANNED: "not rendered yet",
    State.INTENT: "was being sent when the run ended",
    State.SUBMITTED: "being rendered by the provider",
    State.READY: "rendered, not fetched yet",
    State.STORED: "in the store, not published",
    State.PUBLISHED: "published",
    State.FAILED: "the provider gave up; nothing is charged",
    State.REJECTED: "refused for good; nothing is charged",
    State.IN_DOUBT: "in doubt: the answer was lost, and it may have been billed",
    State.LOST: "charged, and its audio is gone for good",
    State.SUPERSEDED: "replaced",
}

# Behind a number, when a run has ended, in this order. An intent that outlived its run is in doubt.
COUNTED_WORDS: Mapping[State, str] = {
    State.FAILED: "failed",
    State.REJECTED: "rejected",
    State.LOST: "lost",
    State.IN_DOUBT: "in doubt",
    State.INTENT: "in doubt",
    State.SUBMITTED: "under way",
    State.READY: "under way",
    State.STORED: "stored",
    State.PLANNED: "not begun",
}
