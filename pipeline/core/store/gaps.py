"""What a rebuild without network could not give, why, and what to type."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt
from pipeline.core.purchase.plan import Action, Buy, Collect, Keep, LookUp, Publish, Share, Stuck
from pipeline.core.purchase.standing import Ledger
from pipeline.core.wanted.album import Checksum, Provider

COLLECT = "songmake render collects it, free"
TAKE_BACK = "songmake verify --repair takes it back, free"
FETCH = "songmake render polls for a fresh link and fetches it again, free"


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
            return Gap(
                where=name, message=str(paid.state), hint="songmake render collects it, free"
            )
        case LookUp(attempt=paid):
            return Gap(
                where=name,
                message=f"{paid.state}: it may have been billed",
                hint=f"songmake render looks it up, free; or songmake settle '{paid.ref}'",
            )
        case Stuck(reason=reason):
            return Gap(
                where=name,
                message=reason,
                hint=f"songmake render --replace '{name}' buys it again",
            )
        case Keep() | Publish():
            return None


def _unbought(name: str, reason: str, *, is_free: bool) -> Gap:
    what = "sketches" if is_free else "buys"
    if reason.startswith("changed: "):
        fields = reason.removeprefix("changed: ")
        return Gap(
            where=name,
            message=f"its request has changed since it was rendered: {fields}",
            hint=f"take the change back, or songmake render {what} what it says now",
        )
    message = "never bought" if reason == "new" else reason
    if is_free and reason == "new":
        message = "never sketched"
    return Gap(where=name, message=message, hint=f"songmake render {what} it")


def mend_of_blob(attempt: Attempt) -> str:
    """What brings a blob back that neither store nor outputs have."""
    if attempt.is_adopted:
        return f"songmake adopt '{attempt.ref}' --file F takes in its file again"
    if attempt.provider is Provider.SKETCH:
        return "songmake render sketches it again, free"
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
        return Gap(
            where=where, message=message, hint="songmake verify --repair takes it back, free"
        )
    if audio.checksum in held.unsound:
        message = f"blob {blob}: its bytes are not the ones that were stored"
        return Gap(where=where, message=message, hint=f"songmake verify --repair, then {fetch}")
    return Gap(where=where, message=f"blob {blob} is missing from the store", hint=fetch)
