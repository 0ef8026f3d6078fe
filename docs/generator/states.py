"""The states of a take: what each means, whether it forbids buying, and where its money is."""

from __future__ import annotations

from dataclasses import replace

from docs.generator.comments import comments_of
from docs.generator.markdown import code, page, sentence, table
from pipeline.core.purchase.attempt import COLLECTABLE, HAS_AUDIO, STUCK, Attempt, State, ref_of
from pipeline.core.wanted.album import Digest, Provider

_HEADS = ("state", "what it means", "its money is", "forbids buying", "the next render")
_PRICE = 195_000
_ATTEMPT = Attempt(
    client_request_id="", digest=Digest(""), number=1, ref=ref_of("album", "song", 1), title="",
    provider=Provider.AIMLAPI, origin="", model="", state=State.PLANNED, identity_json="{}",
    body_json="{}", reserved_microusd=_PRICE, intent_at="",
)  # fmt: skip


def states_page(title: str) -> str:
    """The page."""
    told = comments_of(State)
    rows = [
        (
            code(state.value),
            sentence(told[state.name]),
            "" if state is State.SUPERSEDED else _money(state),
            "yes" if replace(_ATTEMPT, state=state).is_live else "",
            _next(state),
        )
        for state in State
    ]
    return page(
        title,
        "`songmake status` shows them and JSON documents spell them so. While an attempt *forbids"
        " buying*, nothing is sent for the same request; the journal's database enforces it.",
        table(_HEADS, rows),
        "The diagram and the order of writes are in [ARCHITECTURE](../../ARCHITECTURE.md); what to"
        " do about each that needs a person, in the [operator's guide](../operator.md). The money"
        " of a superseded attempt stays where it was.",
    )


def _money(state: State) -> str:
    balance = replace(_ATTEMPT, state=state).balance
    places = {
        "held": balance.held, "charged": balance.charged,
        "in doubt": balance.in_doubt, "given back": balance.released,
    }  # fmt: skip
    return next((name for name, amount in places.items() if amount), "not touched")


def _next(state: State) -> str:
    if state in COLLECTABLE:
        return "collects it, free"
    if state in HAS_AUDIO:
        return "publishes it, free, if its file is not there"
    if state in STUCK:
        return "leaves it until it is told `--replace` or the request changes"
    if state is State.PLANNED:
        return "buys it"
    if state is State.SUPERSEDED:
        return "looks at the later attempt"
    return "looks it up in the provider's log"
