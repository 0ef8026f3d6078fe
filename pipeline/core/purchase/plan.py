"""What a render would do with each take, and why. Pure: the runner carries it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields

from pipeline.core.purchase.attempt import COLLECTABLE, DOUBTFUL, HAS_AUDIO, STUCK, Attempt, State
from pipeline.core.purchase.standing import Ledger
from pipeline.core.wanted.album import Checksum, Provider, TakeRef
from pipeline.core.wanted.identities import changed_fields
from pipeline.core.wanted.kinship import Kinship, kin_note, nearest_kin
from pipeline.core.wanted.takes import WantedTake

UNDECIDED = DOUBTFUL | {State.SUBMITTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Nothing to do: the take is published and up to date."""

    take: WantedTake
    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """The audio is in the store; only ``outputs/`` has to follow. Free."""

    take: WantedTake
    attempt: Attempt
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """Paid for already: poll and download. Free."""

    take: WantedTake | None
    attempt: Attempt
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """The answer to its paid request was lost: ask the provider's log. Free."""

    take: WantedTake | None
    attempt: Attempt
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Buy:
    """Submit the request. ``number`` is the attempt's; ``replaces`` gives way to it.

    ``before`` is the purchase of another request that the take, or a song that it is like, had.
    """

    take: WantedTake
    number: int
    reason: str
    replaces: Attempt | None = None
    before: Attempt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The same request is bought for ``owner`` in this run; its audio serves here too."""

    take: WantedTake
    owner: TakeRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """Only a person moves it on."""

    take: WantedTake
    attempt: Attempt
    reason: str


NEW = "new"
CHANGED = "changed: "
ADOPTED_AND_GONE = "adopted, and gone from the store: adopt its file again"

Action = Keep | Publish | Collect | LookUp | Buy | Share | Stuck


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the disk says: blobs that are there whole, and takes whose files are up to date."""

    stored: frozenset[Checksum]
    published: frozenset[TakeRef]


def plan(
    takes: Sequence[WantedTake],
    ledger: Ledger,
    surroundings: Surroundings,
    *,
    replace: frozenset[TakeRef] = frozenset(),
    kin: Kinship | None = None,
) -> tuple[Action, ...]:
    """One action a take, in the order of ``takes``; ``kin`` lets new ones be told from renamed."""
    owners: dict[str, TakeRef] = {}  # by digest for what is bought, by id for what is fetched
    latest = _latest_by_ref(ledger)
    actions: list[Action] = []
    for take in takes:
        action = _action(take, ledger, surroundings, latest, is_replaced=take.ref in replace)
        if isinstance(action, Buy) and action.reason == NEW and kin is not None:
            action = _told_of_kin(action, kin)
        key = _shared_by(action)
        if key is not None and owners.setdefault(key, take.ref) != take.ref:
            action = Share(take=take, owner=owners[key])
        actions.append(action)
    return tuple(actions)


def _shared_by(action: Action) -> str | None:
    """What two takes must have in common to be served by one action."""
    match action:
        case Buy(take=take):
            return take.digest
        case Collect(attempt=attempt) | LookUp(attempt=attempt):
            return attempt.client_request_id
        case _:
            return None


def stragglers(
    attempts: Iterable[Attempt], actions: Iterable[Action], *, albums: frozenset[str]
) -> tuple[Collect | LookUp, ...]:
    """What these albums have paid, or may have paid, and no action takes care of."""
    planned = {
        action.attempt.client_request_id
        for action in actions
        if isinstance(action, (Collect, LookUp))
    }
    found: list[Collect | LookUp] = []
    for attempt in attempts:
        if attempt.ref.album not in albums or attempt.client_request_id in planned:
            continue
        if attempt.superseded_at is not None and attempt.state not in UNDECIDED:
            continue  # a replaced one is at its end; what was bought beside another may not be
        if attempt.state in COLLECTABLE:
            found.append(Collect(take=None, attempt=attempt, reason="paid for earlier"))
        elif attempt.state in DOUBTFUL:
            found.append(LookUp(take=None, attempt=attempt, reason="its answer was lost"))
    return tuple(found)


def unkept(actions: Iterable[Action], surroundings: Surroundings) -> tuple[Collect, ...]:
    """Bought takes that are published and whose blob the store lacks: fetched again if it may be.

    They stay published either way, so nobody is asked to do anything about them.
    """
    found = {
        action.attempt.client_request_id: action.attempt
        for action in actions
        if isinstance(action, Keep)
        and action.attempt.provider is not Provider.SKETCH
        and not action.attempt.is_adopted
        and action.attempt.audio is not None
        and action.attempt.audio.checksum not in surroundings.stored
    }
    return tuple(
        Collect(take=None, attempt=attempt, reason="not in the store: fetch again, free")
        for attempt in found.values()
    )


def _action(
    take: WantedTake,
    ledger: Ledger,
    surroundings: Surroundings,
    latest: Mapping[tuple[TakeRef, Provider], Attempt],
    *,
    is_replaced: bool,
) -> Action:
    attempt = ledger.current(take)
    if attempt is None or attempt.state is State.PLANNED:
        number = 1 if attempt is None else attempt.number
        before = latest.get((take.ref, take.provider))
        reason = _purchase_reason(take, attempt, before)
        changed = before if reason.startswith(CHANGED) else None
        return Buy(take=take, number=number, reason=reason, before=changed)
    if attempt.state in COLLECTABLE:
        return Collect(take=take, attempt=attempt, reason=f"{attempt.state}: collect, free")
    if attempt.state in DOUBTFUL:
        return LookUp(take=take, attempt=attempt, reason="its answer was lost: look it up")
    if is_replaced:
        return Buy(take=take, number=attempt.number + 1, reason="replace", replaces=attempt)
    if attempt.state in STUCK:
        return Stuck(take=take, attempt=attempt, reason=_stuck_reason(attempt))
    return _with_audio(take, attempt, surroundings)


def _with_audio(take: WantedTake, attempt: Attempt, surroundings: Surroundings) -> Action:
    assert attempt.state in HAS_AUDIO
    assert attempt.audio is not None
    if take.ref in surroundings.published:
        return Keep(take=take, attempt=attempt)
    if attempt.audio.checksum in surroundings.stored:
        is_first = attempt.state is State.STORED
        reason = "publish from the store, free" if is_first else "written again, free"
        return Publish(take=take, attempt=attempt, reason=reason)
    if attempt.is_adopted:
        return Stuck(take=take, attempt=attempt, reason=ADOPTED_AND_GONE)
    if attempt.provider is Provider.SKETCH:
        return Buy(take=take, number=attempt.number, reason="sketch it again", replaces=None)
    return Collect(take=take, attempt=attempt, reason="not in the store: fetch again, free")


def _stuck_reason(attempt: Attempt) -> str:
    error = f": {attempt.error}" if attempt.error else ""
    return f"{attempt.state}{error}"


def _latest_by_ref(ledger: Ledger) -> dict[tuple[TakeRef, Provider], Attempt]:
    latest: dict[tuple[TakeRef, Provider], Attempt] = {}
    for attempts in ledger.by_digest.values():
        for attempt in attempts:
            key = (attempt.ref, attempt.provider)
            if key not in latest or latest[key].intent_at <= attempt.intent_at:
                latest[key] = attempt
    return latest


def _told_of_kin(action: Buy, kin: Kinship) -> Buy:
    note = kin_note(action.take, kin)
    if note is None:
        return action
    return replace_fields(action, reason=f"{NEW}; {note}", before=nearest_kin(action.take, kin))


def _purchase_reason(take: WantedTake, attempt: Attempt | None, before: Attempt | None) -> str:
    if attempt is not None:
        return "not bought yet" if attempt.error is None else f"not bought yet: {attempt.error}"
    if before is None:
        return NEW
    changed = changed_fields(before.identity_json, take.identity_json)
    return f"{CHANGED}{', '.join(changed)}" if changed else NEW
