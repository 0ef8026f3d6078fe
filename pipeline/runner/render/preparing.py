"""Before anything is sent: the order, the plan, and everything that forbids to begin."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.adapters.blob_store import BlobStore
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.lock.joining import Arrivals
from pipeline.core.purchase.actions import affordable_microusd, price_of
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, balance_of
from pipeline.core.purchase.budget import Caps, over_budget
from pipeline.core.purchase.origins import foreign_origin, origin_of
from pipeline.core.purchase.plan import Action, Buy, Collect, Keep, LookUp, plan, stragglers, unkept
from pipeline.core.purchase.preflight import Preflight
from pipeline.core.purchase.spending import Spending
from pipeline.core.wanted.album import AlbumId, Provider, TakeRef
from pipeline.core.wanted.selection import select
from pipeline.errors import JournalDamaged, KeyMissing, OriginMismatch, StoreEmptied
from pipeline.runner.clock import Clock
from pipeline.runner.locks.reading import FoundLocks
from pipeline.runner.locks.refusing import refuse_foreign_lock, refuse_unknown
from pipeline.runner.opening import Snapshot, snapshot_of
from pipeline.runner.rebuild.taking_back import Recoverables
from pipeline.runner.render.run import RenderSettings
from pipeline.runner.render.taking_over import held_back
from pipeline.runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOrder:
    """What a render is asked to do, and with what means."""

    workspace: Workspace
    settings: RenderSettings
    select: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    base_url: str
    key: str | None = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    is_taking_over: bool = False  # buys though a lock belongs to another journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan, ready to be agreed to. ``committed`` is each album's money before the run.

    ``seen`` is what it was made from where nothing is to be done; else the run makes it untrue, and
    it would only lie in memory.
    """

    actions: tuple[Action, ...]
    extra: tuple[Collect | LookUp, ...]
    left_out: tuple[Collect | LookUp, ...]  # there is no key to ask with
    held_back: tuple[Buy, ...]  # another journal buys for their albums
    arrivals: Arrivals  # what the locks know and the journal has to learn
    recoverable: Recoverables  # what the store has to take back from ``outputs/``
    caps: Caps
    committed: Mapping[AlbumId, int]
    attempts: tuple[Attempt, ...]
    seen: Snapshot | None = None

    @property
    def price_microusd(self) -> int:
        """What the purchases of the plan would reserve, as far as the budgets have room."""
        spending = self.spending
        stopped = over_budget(spending.actions, spending.committed, spending.caps)
        return affordable_microusd(self.actions, stopped)

    @property
    def spending(self) -> Spending:
        """The plan as far as money goes."""
        return Spending(actions=self.actions, committed=self.committed, caps=self.caps)

    def at_quoted_prices(self, ahead: Preflight, albums: Collection[str] | None) -> Prepared:
        """The same, reserving prices that have risen; in ``albums`` alone, if they are given."""
        return replace(self, actions=self.spending.at(ahead.quotes, albums).actions)


def prepare(
    order: RenderOrder, journal: Journal, store: BlobStore, clock: Clock, locks: FoundLocks
) -> Prepared:
    """The plan of a run, checked against everything that forbids it to begin."""
    workspace = order.workspace
    seen = snapshot_of(workspace, journal, store, clock, locks)
    refuse_unknown(workspace, seen)
    actions = plan_takes(workspace, seen, select_words=order.select, replace_words=order.replace)
    held = () if order.is_taking_over else held_back(actions, locks, seen.journal_id)
    actions = tuple(action for action in actions if action not in held)
    others = stragglers(seen.attempts, actions, albums=_album_ids(workspace))
    extra = tuple(action for action in others if _is_reachable(order, action))
    if order.key is not None:
        extra += unkept(actions, seen.surroundings)
    _refuse_without_means(order, (*actions, *extra), journal, locks)
    _refuse_forgetful_journal(actions, seen.attempts, store)
    if workspace.folders.store is not None:
        _refuse_emptied_store(seen.attempts, store)
    if any(isinstance(action, Buy) for action in actions):
        store.check_writable()
    return Prepared(
        actions=actions,
        extra=extra,
        left_out=tuple(action for action in others if _is_missed(order, action)),
        held_back=held,
        arrivals=seen.arrivals,
        recoverable=seen.recoverable,
        caps=Caps(
            album_microusd=workspace.caps_microusd,
            run_microusd=order.settings.max_cost_microusd,
        ),
        committed=committed_by_album(workspace, seen.attempts),
        attempts=seen.attempts,
        seen=seen if not extra and all(isinstance(one, Keep) for one in actions) else None,
    )


def plan_takes(
    workspace: Workspace,
    seen: Snapshot,
    *,
    select_words: Sequence[str],
    replace_words: Sequence[str] = (),
) -> tuple[Action, ...]:
    """The actions for the selected takes. Raises ``UsageError`` for a word that matches none."""
    states = seen.ledger.states(workspace.takes)
    takes = select(workspace.takes, select_words, states)
    replaced: frozenset[TakeRef] = frozenset()
    if replace_words:
        replaced = frozenset(take.ref for take in select(takes, replace_words, states))
    return plan(takes, seen.ledger, seen.surroundings, replace=replaced, kin=seen.kin)


def committed_by_album(workspace: Workspace, attempts: Sequence[Attempt]) -> dict[AlbumId, int]:
    """Each album's held, charged and in-doubt money, in micro-dollars."""
    return {
        album.id: balance_of(found for found in attempts if found.ref.album == album.id).committed
        for album in workspace.albums
    }


def _album_ids(workspace: Workspace) -> frozenset[str]:
    return frozenset(str(album.id) for album in workspace.albums)


def _is_reachable(order: RenderOrder, action: Collect | LookUp) -> bool:
    if action.attempt.provider is Provider.AIMLAPI:
        return order.key is not None
    return Provider.SKETCH in order.workspace.providers.values()


def _is_missed(order: RenderOrder, action: Collect | LookUp) -> bool:
    """Paid for, not to be asked for now, and in an album that is being bought."""
    attempt = action.attempt
    is_bought_album = order.workspace.providers[attempt.ref.album] is Provider.AIMLAPI
    return attempt.provider is Provider.AIMLAPI and order.key is None and is_bought_album


def needed_providers(actions: Sequence[Action]) -> frozenset[Provider]:
    """Who has to be talked to."""
    return frozenset(
        action.take.provider if isinstance(action, Buy) else action.attempt.provider
        for action in actions
        if isinstance(action, (Buy, Collect, LookUp))
    )


def _refuse_forgetful_journal(
    actions: Sequence[Action], attempts: Sequence[Attempt], store: BlobStore
) -> None:
    """A journal without a past beside a store with one has lost what was paid for."""
    if not attempts and any(price_of(action) for action in actions) and not store.is_empty():
        raise JournalDamaged(
            "the journal is empty, but the store holds audio: what was paid for is unknown",
            hint="restore journal.sqlite3 from a backup, or name another --store to buy anew",
        )


def _refuse_emptied_store(attempts: Sequence[Attempt], store: BlobStore) -> None:
    """An unmounted disk or a mistyped prefix must not turn what is kept elsewhere into *lost*."""
    known = sum(
        found.state in HAS_AUDIO and found.provider is not Provider.SKETCH
        for found in attempts
        if found.superseded_at is None
    )
    if known and store.is_empty():
        raise StoreEmptied(
            f"{store.shown} is empty, and the journal knows {known} bought takes: "
            "nothing is fetched or bought",
            hint="mount it, or name the store that holds them\n"
            "if they are gone for good, fetch what can be had, without --store: songmake render\n"
            "and then fill the new one: songmake render",
        )


def _refuse_without_means(
    order: RenderOrder, actions: Sequence[Action], journal: Journal, locks: FoundLocks
) -> None:
    if Provider.AIMLAPI not in needed_providers(actions):
        return
    if order.key is None:
        raise KeyMissing(
            "AIMLAPI_KEY is not set, and something must be sent to the hosted API",
            hint="export AIMLAPI_KEY=…, then the same command again\n"
            "or sketch it, free: songmake render --provider sketch",
        )
    origin = origin_of(order.base_url)
    foreign = foreign_origin(origin, journal.paid_origins())
    if foreign is not None:
        raise OriginMismatch(
            f"this journal's takes were bought from {foreign}, and this run would ask {origin}: "
            "a rehearsal must not mix with money",
            hint="give the rehearsal folders of its own: "
            "songmake render --state .songmake-rehearsal --output rehearsal",
        )
    refuse_foreign_lock(origin, locks, what="this run would ask")
