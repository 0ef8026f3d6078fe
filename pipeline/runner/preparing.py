"""Before anything is sent: the order, the plan, and everything that forbids to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.adapters.blob_store import default_store
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.album import Provider, TakeRef
from pipeline.core.attempt import Attempt
from pipeline.core.budget import Caps
from pipeline.core.documents import price_of
from pipeline.core.origins import foreign_origin, origin_of
from pipeline.core.plan import Action, Buy, Collect, LookUp, plan, stragglers
from pipeline.core.selection import select
from pipeline.errors import KeyMissing, OriginMismatch
from pipeline.runner.clock import Clock
from pipeline.runner.opening import Snapshot, snapshot_of
from pipeline.runner.reporting import refuse_unknown_purchases
from pipeline.runner.run import RenderSettings
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan, ready to be agreed to. ``committed`` is each album's money before the run."""

    actions: tuple[Action, ...]
    extra: tuple[Collect | LookUp, ...]
    caps: Caps
    committed: Mapping[str, int]
    attempts: tuple[Attempt, ...]

    @property
    def price_microusd(self) -> int:
        """What the purchases of the plan would reserve."""
        return sum(price_of(action) for action in self.actions)


def prepare(order: RenderOrder, journal: Journal, clock: Clock) -> Prepared:
    """The plan of a run, checked against everything that forbids it to begin."""
    workspace = order.workspace
    store = default_store(workspace.folders.state)
    seen = snapshot_of(workspace, journal, store, clock)
    known = {attempt.client_request_id for attempt in seen.attempts}
    refuse_unknown_purchases(workspace, known)
    actions = plan_takes(workspace, seen, select_words=order.select, replace_words=order.replace)
    extra = _reachable(order, stragglers(seen.attempts, actions, albums=_album_ids(workspace)))
    _refuse_without_means(order, (*actions, *extra), journal)
    return Prepared(
        actions=actions,
        extra=extra,
        caps=Caps(
            album_microusd=workspace.caps_microusd,
            run_microusd=order.settings.max_cost_microusd,
        ),
        committed={album: journal.committed_microusd(album) for album in _album_ids(workspace)},
        attempts=seen.attempts,
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
    return plan(takes, seen.ledger, seen.surroundings, replace=replaced)


def _album_ids(workspace: Workspace) -> frozenset[str]:
    return frozenset(str(album.id) for album in workspace.albums)


def _reachable(
    order: RenderOrder, extra: Sequence[Collect | LookUp]
) -> tuple[Collect | LookUp, ...]:
    """Leaves aside what the run has no means to ask for: it is not what it was started for."""
    is_keyed = order.key is not None
    uses_sketch = Provider.SKETCH in order.workspace.providers.values()
    means = {Provider.AIMLAPI: is_keyed, Provider.SKETCH: uses_sketch}
    return tuple(action for action in extra if means[action.attempt.provider])


def needed_providers(actions: Sequence[Action]) -> frozenset[Provider]:
    """Who has to be talked to."""
    return frozenset(
        action.take.provider if isinstance(action, Buy) else action.attempt.provider
        for action in actions
        if isinstance(action, (Buy, Collect, LookUp))
    )


def _refuse_without_means(order: RenderOrder, actions: Sequence[Action], journal: Journal) -> None:
    if Provider.AIMLAPI not in needed_providers(actions):
        return
    if order.key is None:
        raise KeyMissing(
            "AIMLAPI_KEY is not set, and something must be sent to the hosted API",
            hint="export AIMLAPI_KEY=…, or sketch for free: songmake render --provider sketch",
        )
    origin = origin_of(order.base_url)
    foreign = foreign_origin(origin, journal.paid_origins())
    if foreign is not None:
        raise OriginMismatch(
            f"this journal's takes were bought from {foreign}, and this run would ask {origin}: "
            "a rehearsal must not mix with money",
            hint="give the rehearsal a state folder of its own: --state .songmake-rehearsal",
        )
