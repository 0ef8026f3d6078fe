"""What a rebuild without network could not give, why, and what to type."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt
from pipeline.core.purchase.mends import settle_hint
from pipeline.core.purchase.plan import (
    CHANGED,
    Action,
    Buy,
    Collect,
    Keep,
    LookUp,
    Publish,
    Share,
    Stuck,
)
from pipeline.core.purchase.standing import Ledger
from pipeline.core.wanted.album import Checksum, Provider

COLLECT = "collect it, free: songmake render"
TAKE_BACK = "take it back, free: songmake verify --repair"
REPAIR = "mend what can be mended, free: songmake verify --repair"
FETCH = "poll for a fresh link and fetch it again, free: songmake render"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One take, blob or file that is missing or differs: ``where``, why, and the mend."""

    where: str
    message: str
    hint: str

    @property
    def line(self) -> str:
        """Where and why, as one line."""
        return f"{self.where}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What the store gives: blobs that are there and right, and those that are there and wrong.

    ``lying`` are blobs that it lacks and a published file still has.
    """

    sound: Collection[Checksum]
    unsound: Collection[Checksum]
    lying: Collection[Checksum]


def gap_of(action: Action, ledger: Ledger, held: Holdings) -> Gap | None:
    """What stands between a take and its file; None if nothing does.

    ``action`` is what a render would do with it.
    """
    take = action.take
    if take is None:
        return None
    attempt, name = ledger.current(take), str(take.ref)
    if attempt is not None and attempt.state in HAS_AUDIO and not isinstance(action, Share):
        return _blob_gap(attempt, name, held)
    match action:
        case Buy(reason=reason):
            return _unbought(name, reason, is_free=take.provider is Provider.SKETCH)
        case Share(owner=owner):
            return Gap(where=name, message=f"the same request as {owner}", hint="as for that one")
        case Collect(attempt=paid):
            return Gap(where=name, message=str(paid.state), hint=COLLECT)
        case LookUp(attempt=paid):
            return Gap(
                where=name,
                message=f"{paid.state}: it may have been billed",
                hint=f"look it up, free: songmake render\nor {settle_hint(paid.ref)}",
            )
        case Stuck(reason=reason):
            return Gap(
                where=name,
                message=reason,
                hint=f"buy it again: songmake render --replace '{name}'",
            )
        case Keep() | Publish():
            return None


def _unbought(name: str, reason: str, *, is_free: bool) -> Gap:
    what = "sketch" if is_free else "buy"
    if reason.startswith(CHANGED):
        fields = reason.removeprefix(CHANGED)
        return Gap(
            where=name,
            message=f"its request has changed since it was rendered: {fields}",
            hint=f"take the change back, or {what} what it says now: songmake render",
        )
    message = "never bought" if reason == "new" else reason
    if is_free and reason == "new":
        message = "never sketched"
    return Gap(where=name, message=message, hint=f"{what} it: songmake render")


def mend_of_blob(attempt: Attempt) -> str:
    """What brings a blob back that neither store nor outputs have."""
    if attempt.is_adopted:
        return f"take in its file again: songmake adopt '{attempt.ref}' --file F"
    if attempt.provider is Provider.SKETCH:
        return "sketch it again, free: songmake render"
    return FETCH


def _blob_gap(attempt: Attempt, name: str, held: Holdings) -> Gap | None:
    assert attempt.audio is not None
    audio = attempt.audio
    if audio.checksum in held.sound:
        return None
    blob = f"{audio.checksum}.{audio.format}"
    where = name if name == str(attempt.ref) else f"{name} ({attempt.ref})"
    fetch = mend_of_blob(attempt)
    if audio.checksum in held.lying:
        message = f"blob {blob} is missing from the store, and its published file still has it"
        return Gap(where=where, message=message, hint=TAKE_BACK)
    if audio.checksum in held.unsound:
        message = f"blob {blob}: its bytes are not the ones that were stored"
        return Gap(where=where, message=message, hint=f"{REPAIR}\nthen {fetch}")
    return Gap(where=where, message=f"blob {blob} is missing from the store", hint=fetch)
