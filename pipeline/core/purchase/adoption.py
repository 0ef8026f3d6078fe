"""Audio that was made elsewhere, as an attempt of the journal like any other."""

from __future__ import annotations

from pipeline.core.purchase.attempt import (
    ADOPTED,
    COLLECTABLE,
    DOUBTFUL,
    HAS_AUDIO,
    Attempt,
    State,
    StoredAudio,
)
from pipeline.core.purchase.mends import settle_hint
from pipeline.core.wanted.album import TakeRef
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import UsageError


def refuse_adoption(ref: TakeRef, current: Attempt | None, *, is_replacing: bool) -> None:
    """Raises ``UsageError`` if the take's present attempt must not give way."""
    if current is None:
        return
    if current.state in DOUBTFUL:
        raise UsageError(
            f"{ref} is {current.state}: it may have been billed, and must be settled first",
            hint=settle_hint(ref),
        )
    if current.state in COLLECTABLE:
        raise UsageError(
            f"{ref} is {current.state}: it is paid for, and its audio is on its way",
            hint="collect it first, free: songmake render",
        )
    if current.state in HAS_AUDIO and not is_replacing:
        raise UsageError(
            f"{ref} has audio already ({current.state})",
            hint="let it give way; it stays in the store: "
            f"songmake adopt '{ref}' --file FILE --replace",
        )


def adopted_attempt(
    take: WantedTake,
    current: Attempt | None,
    audio: StoredAudio,
    *,
    cost_microusd: int,
    nonce: str,
    at: str,
) -> Attempt:
    """The attempt that adopted audio is. ``current`` gives way to it.

    Its names begin with ``adopted``, which no client request id of a purchase does, and no usable
    generation id of a provider; the nonce tells two uses of one file apart.
    """
    return Attempt(
        client_request_id=f"{ADOPTED}.{take.digest[:32]}.{_number(current)}.{nonce}",
        digest=take.digest,
        number=_number(current),
        ref=take.ref,
        title=take.title,
        provider=take.provider,
        origin="",
        model=take.model,
        state=State.STORED,
        identity_json=take.identity_json,
        body_json="{}",
        reserved_microusd=cost_microusd,
        intent_at=at,
        generation_id=f"{ADOPTED}:{audio.checksum[:16]}.{nonce}",
        booked_microusd=cost_microusd,
        cost_source=ADOPTED,
        completed_at=at,
        audio=audio,
    )


def _number(current: Attempt | None) -> int:
    return 1 if current is None else current.number + 1
