"""The use case of ``songmake render``: plan, agree, buy and collect, publish, report.

Everything that costs money happens between :func:`_carry_out` and the journal; what comes after
it can be done again for free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from pipeline.adapters.aimlapi.cdn import Cdn
from pipeline.adapters.aimlapi.client import Access, ApiClient
from pipeline.adapters.blob_store import default_store
from pipeline.adapters.durable import write_atomically
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.sketch_process import sketch_server
from pipeline.core.album import Provider, TakeRef
from pipeline.core.attempt import Attempt, State, balance_of
from pipeline.core.budget import Caps
from pipeline.core.documents import causes_of_states, price_of, summary_document
from pipeline.core.events import Event, RunStarted, Warned
from pipeline.core.origins import foreign_origin, is_loopback, origin_of
from pipeline.core.outcome import exit_code_of
from pipeline.core.plan import Action, Buy, Collect, LookUp, plan, stragglers
from pipeline.core.selection import select
from pipeline.core.standing import Ledger
from pipeline.errors import ExitCode, KeyMissing, OriginMismatch, SongmakeError
from pipeline.runner.carrying import Carrier, disk_error
from pipeline.runner.clock import Clock
from pipeline.runner.looking_up import LogSearch
from pipeline.runner.opening import Snapshot, locked_journal, snapshot_of
from pipeline.runner.publishing import BlobDamaged, Publisher, desired
from pipeline.runner.reporting import as_json, refuse_unknown_purchases, write_reports
from pipeline.runner.run import Connection, RenderSettings, Run
from pipeline.runner.signals import SignalWatch, watch_signals
from pipeline.runner.workspace import Folders, Workspace

SUMMARY_NAME = "summary.json"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended."""

    code: ExitCode
    reason: str | None
    ledger: Ledger
    attempts: tuple[Attempt, ...]
    bugs: tuple[Exception, ...] = ()


def render(
    order: RenderOrder,
    *,
    agree: Callable[[Prepared], None],
    emit: Callable[[Event], None],
    clock: Clock,
) -> Ended:
    """Does it. ``agree`` is called with the plan before anything is sent and may raise.

    Raises the errors of :mod:`pipeline.errors` for what stops a run before it begins.
    """
    started_at = clock.stamp()
    folders = order.workspace.folders
    with locked_journal(folders.state, clock) as journal:
        _doubt_open_intents(journal, clock)
        prepared = prepare(order, journal, clock)
        agree(prepared)
        with watch_signals() as watch:
            ended = _carry_out(order, prepared, journal, emit, clock, watch)
            write_summary(order.workspace, ended, started_at=started_at, clock=clock)
            if watch.code is not None and ended.code is not watch.code:
                return _with_signal(ended, watch)
        return ended


def _with_signal(ended: Ended, watch: SignalWatch) -> Ended:
    assert watch.code is not None
    code = exit_code_of({ended.code, watch.code})
    return Ended(code=code, reason=None, ledger=ended.ledger, attempts=ended.attempts)


def _doubt_open_intents(journal: Journal, clock: Clock) -> None:
    """An intent without an answer is an earlier run's death: its request may have left."""
    for attempt in journal.attempts():
        if attempt.state is State.INTENT:
            journal.record_state(
                attempt.client_request_id,
                State.IN_DOUBT,
                at=clock.stamp(),
                reason="an earlier run ended before the answer was recorded",
            )


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


def _needed(actions: Sequence[Action]) -> frozenset[Provider]:
    return frozenset(
        action.take.provider if isinstance(action, Buy) else action.attempt.provider
        for action in actions
        if isinstance(action, (Buy, Collect, LookUp))
    )


def _refuse_without_means(order: RenderOrder, actions: Sequence[Action], journal: Journal) -> None:
    if Provider.AIMLAPI not in _needed(actions):
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


def _carry_out(
    order: RenderOrder,
    prepared: Prepared,
    journal: Journal,
    emit: Callable[[Event], None],
    clock: Clock,
    watch: SignalWatch,
) -> Ended:
    workspace = order.workspace
    publisher = Publisher(
        workspace=workspace,
        journal=journal,
        store=default_store(workspace.folders.state),
        clock=clock,
    )
    emit(RunStarted(takes=len(prepared.actions)))
    causes, bugs = asyncio.run(_work(order, prepared, publisher, emit, clock, watch))
    is_stopped = bool(causes & {ExitCode.INTERRUPTED, ExitCode.TERMINATED})
    causes |= _finish(publisher, emit, is_stopped=is_stopped)
    attempts = journal.attempts()
    ledger = Ledger.of(attempts)
    takes = [action.take for action in prepared.actions if action.take is not None]
    causes |= causes_of_states(ledger.states(takes).values())
    if watch.code is not None:
        causes.add(watch.code)
    return Ended(
        code=exit_code_of(causes), reason=None, ledger=ledger, attempts=attempts, bugs=bugs
    )


async def _work(
    order: RenderOrder,
    prepared: Prepared,
    publisher: Publisher,
    emit: Callable[[Event], None],
    clock: Clock,
    watch: SignalWatch,
) -> tuple[set[ExitCode], tuple[Exception, ...]]:
    actions: tuple[Action, ...] = (*prepared.extra, *prepared.actions)
    async with AsyncExitStack() as stack:
        run = Run(
            journal=publisher.journal,
            store=publisher.store,
            cdn=await stack.enter_async_context(Cdn(trust_env=_uses_proxies(order))),
            connections={},
            settings=order.settings,
            caps=prepared.caps,
            clock=clock,
            emit=emit,
        )
        loop = asyncio.get_running_loop()
        watch.on_signal = lambda code: _threadsafe(loop, run, code)
        if watch.code is not None:
            run.stop(watch.code)
        timer = _timer(loop, run)
        try:
            run.connections = await _connect(order, _needed(actions), stack, clock)
            searches = {
                provider: LogSearch(connection, run)
                for provider, connection in run.connections.items()
            }
            ledger = Ledger.of(prepared.attempts)
            _forget_sketches(run, prepared.actions, ledger)
            await Carrier(run, publisher, searches, ledger).carry_all(actions)
        finally:
            watch.on_signal = None
            if timer is not None:
                timer.cancel()
        run.store.clear_partials()
    return run.causes, tuple(run.bugs)


def _threadsafe(loop: asyncio.AbstractEventLoop, run: Run, code: ExitCode) -> None:
    loop.call_soon_threadsafe(run.stop, code)


def _timer(loop: asyncio.AbstractEventLoop, run: Run) -> asyncio.TimerHandle | None:
    limit_s = run.settings.max_duration_s
    return None if limit_s is None else loop.call_later(limit_s, run.stop, ExitCode.UNFINISHED)


def _uses_proxies(order: RenderOrder) -> bool:
    """Proxies of the environment are for the outside; loopback is always reached directly."""
    return not is_loopback(origin_of(order.base_url))


async def _connect(
    order: RenderOrder, needed: frozenset[Provider], stack: AsyncExitStack, clock: Clock
) -> dict[Provider, Connection]:
    connections: dict[Provider, Connection] = {}
    if Provider.AIMLAPI in needed:
        assert order.key is not None
        access = Access(base_url=order.base_url, key=order.key)
        api = ApiClient(access, now=clock.now, trust_env=_uses_proxies(order))
        connections[Provider.AIMLAPI] = Connection(
            api=await stack.enter_async_context(api),
            origin=origin_of(order.base_url),
            is_own_log=False,
        )
    if Provider.SKETCH in needed:
        server = await stack.enter_async_context(
            sketch_server(order.workspace.folders.state, environment=order.environment)
        )
        access = Access(base_url=server.base_url, key=server.key)
        connections[Provider.SKETCH] = Connection(
            api=await stack.enter_async_context(ApiClient(access, now=clock.now, trust_env=False)),
            origin=origin_of(server.base_url),
            is_own_log=True,
        )
    return connections


def _forget_sketches(run: Run, actions: Sequence[Action], ledger: Ledger) -> None:
    """A sketch whose bytes are gone is simply made again: it never cost anything."""
    for action in actions:
        if isinstance(action, Buy) and action.take.provider is Provider.SKETCH:
            attempt = ledger.current(action.take)
            if attempt is not None and attempt.is_live and action.replaces is None:
                run.journal.record_planned(
                    attempt.client_request_id, at=run.clock.stamp(), reason="its bytes are gone"
                )


def _finish(
    publisher: Publisher, emit: Callable[[Event], None], *, is_stopped: bool
) -> set[ExitCode]:
    """Brings ``outputs/`` in step with the journal; nothing here costs money."""
    journal, workspace = publisher.journal, publisher.workspace
    causes: set[ExitCode] = set()
    try:
        if not is_stopped:
            causes |= _publish_rest(publisher, emit)
        publications = journal.publications(publisher.outputs_key)
        write_reports(workspace, journal.attempts(), publications)
    except (OSError, SongmakeError) as error:
        known = error if isinstance(error, SongmakeError) else disk_error(error)
        causes.add(known.exit_code)
        emit(Warned(message=known.message, hint=known.hint))
    return causes


def _publish_rest(publisher: Publisher, emit: Callable[[Event], None]) -> set[ExitCode]:
    ledger = Ledger.of(publisher.journal.attempts())
    causes: set[ExitCode] = set()
    tracks = [
        track
        for track in desired(publisher.workspace, ledger)
        if track.source.audio is not None
        and publisher.store.holds(
            track.source.audio.checksum, track.source.audio.format, track.source.audio.size_bytes
        )
    ]
    try:
        for note in (*publisher.publish(tracks), *publisher.remove_stale(ledger)):
            emit(Warned(message=note))
    except BlobDamaged as error:
        causes.add(ExitCode.DAMAGED)
        emit(Warned(message=str(error), hint="songmake render fetches it again, free"))
    return causes


def write_summary(workspace: Workspace, ended: Ended, *, started_at: str, clock: Clock) -> None:
    """Leaves ``outputs/summary.json``; a disk that is full does not change how the run ended."""
    albums = _album_ids(workspace)
    document = summary_document(
        ended.code,
        reason=ended.reason,
        started_at=started_at,
        finished_at=clock.stamp(),
        takes=workspace.takes,
        ledger=ended.ledger,
        spent=balance_of(found for found in ended.attempts if found.ref.album in albums),
    )
    write_early_summary(workspace.folders, document)


def write_early_summary(folders: Folders, document: Mapping[str, object]) -> None:
    """Writes a summary document if the disk allows it."""
    try:
        write_atomically(folders.outputs / SUMMARY_NAME, as_json(document))
    except OSError:
        return
