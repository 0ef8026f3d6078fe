"""The use case of ``songmake render``: plan, agree, buy and collect, publish, report.

Money is only spent inside :func:`_work`; everything before it forbids, everything after it can be
done again for free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.aimlapi.cdn import Cdn
from pipeline.adapters.blob_store import BlobStore
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.purchase.plan import Action, Buy, Collect, LookUp
from pipeline.core.purchase.standing import Ledger
from pipeline.core.run.ending import ending_of
from pipeline.core.run.events import Event, Warned
from pipeline.core.run.outcome import causes_of_states, exit_code_of
from pipeline.core.wanted.album import Provider
from pipeline.errors import ExitCode, SongmakeError
from pipeline.runner.clock import Clock
from pipeline.runner.locks.keeping import LockKeeper, kept_locks
from pipeline.runner.locks.reading import read_locks
from pipeline.runner.opening import locked_journal, store_of
from pipeline.runner.outputs.presence import absent_takes
from pipeline.runner.outputs.publishing import Publisher, publisher_of
from pipeline.runner.rebuild.taking_back import take_back
from pipeline.runner.render.carrying import Carrier, disk_error
from pipeline.runner.render.connecting import connect
from pipeline.runner.render.doubting import doubt_open_intents
from pipeline.runner.render.finishing import Ended, finish, finish_locks, write_summary
from pipeline.runner.render.looking_up import LogSearch
from pipeline.runner.render.preparing import Prepared, RenderOrder, needed_providers, prepare
from pipeline.runner.render.run import Connection, Run
from pipeline.runner.render.signals import (
    SignalWatch,
    leave_quietly,
    watch_signals,
    woken_by_signals,
)
from pipeline.runner.render.taking_over import told_apart
from pipeline.runner.render.telling import needing_ears, noting_blames, start_of_render
from pipeline.runner.workspace import Workspace


def render(
    order: RenderOrder,
    *,
    agree: Callable[[Prepared], Prepared],
    emit: Callable[[Event], None],
    clock: Clock,
    on_leaving: Callable[[ExitCode], None] = leave_quietly,
    at_rest: Callable[[Path], None] | None = None,
) -> Ended:
    """Does it. ``agree`` is called with the plan before anything is bought; it returns the plan
    that was agreed to, at the prices that were, or raises. ``on_leaving`` has the last word when
    a second signal ends the process at once. ``at_rest`` is called with the state folder when the
    journal is closed and the run lock still held.

    Raises the errors of :mod:`pipeline.errors` for what stops a run before it begins.
    """
    started_at = clock.stamp()
    folders = order.workspace.folders
    with (
        locked_journal(folders.state, clock, at_rest=at_rest) as journal,
        kept_locks(journal, folders.state, order.workspace, read_locks(order.workspace)) as locks,
    ):
        doubt_open_intents(journal, clock)
        store = store_of(folders)
        prepared = prepare(order, journal, store, clock, locks.found)
        journal.take_in(prepared.arrivals, at=clock.stamp())
        _refuse_unwritable_locks(prepared, locks)
        prepared = agree(prepared)
        locks.begin(is_taking_over=order.is_taking_over)
        with watch_signals(on_leaving) as watch:
            ended = _carry_out(order, prepared, journal, store, locks, emit, clock, watch)
            write_summary(order.workspace, ended, started_at=started_at, clock=clock)
            if watch.code is not None and ended.code is not watch.code:
                return _with_signal(ended, watch)
        return ended


def _with_signal(ended: Ended, watch: SignalWatch) -> Ended:
    assert watch.code is not None
    code = exit_code_of({ended.code, watch.code})
    takes = [action.take for action in ended.actions if action.take is not None]
    ending = ending_of(code, states=tuple(ended.ledger.states(takes).values()))
    return replace(ended, code=code, reason=ending.reason, next=ending.next, bugs=())


def _refuse_unwritable_locks(prepared: Prepared, locks: LockKeeper) -> None:
    """Raises ``StorageFull`` if something would be bought and its lock could not say so."""
    bought = [
        action.take.ref.album
        for action in prepared.actions
        if isinstance(action, Buy) and action.take.provider is not Provider.SKETCH
    ]
    for album in dict.fromkeys(bought):
        locks.check_writable(album)


def _carry_out(
    order: RenderOrder,
    prepared: Prepared,
    journal: Journal,
    store: BlobStore,
    locks: LockKeeper,
    emit: Callable[[Event], None],
    clock: Clock,
    watch: SignalWatch,
) -> Ended:
    workspace = order.workspace
    publisher = publisher_of(workspace, journal, store, clock)
    blames: list[Warned] = []
    emit = noting_blames(emit, blames)
    started = start_of_render(order, prepared)
    emit(started)
    run = Run(
        journal=journal,
        locks=locks,
        store=publisher.store,
        cdn=Cdn(),
        settings=order.settings,
        caps=prepared.caps,
        clock=clock,
        emit=emit,
        history=started.history,
    )
    _name_left_out(run, prepared.left_out)
    _name_held_back(run, prepared, workspace)
    _take_back(run, prepared)
    asyncio.run(_work(order, prepared, publisher, run, watch))
    finished = finish(
        publisher, emit, is_stopped=lambda: watch.code is not None, seen=prepared.seen
    )
    run.causes |= finished.causes
    run.causes |= finish_locks(locks, emit)
    known, ledger = finished.known, finished.known.ledger
    takes = [action.take for action in prepared.actions if action.take is not None]
    states = tuple(ledger.states(takes).values())
    run.causes |= causes_of_states(states)
    if watch.code is not None:
        run.causes.add(watch.code)
    code = exit_code_of(run.causes)
    reason = _unrecorded(run) or _reason(run, prepared, code)
    ending = ending_of(code, states=states, blames=blames, reason=reason)
    return Ended(
        code=code,
        reason=ending.reason,
        next=ending.next,
        ledger=ledger,
        attempts=known.attempts,
        bugs=tuple(run.bugs),
        actions=prepared.actions,
        bought=frozenset(run.intents),
        needs_ear=needing_ears(workspace, known),
        absent=absent_takes(workspace, ledger, known.publications),
    )


def _take_back(run: Run, prepared: Prepared) -> None:
    """The store's first resort: published files have the same audio, and cost nothing."""
    try:
        taken = take_back(run.store, prepared.recoverable)
    except (OSError, SongmakeError) as error:
        known = error if isinstance(error, SongmakeError) else disk_error(error)
        run.warn(known.message, hint=known.hint, code=known.exit_code)
        return
    if taken:
        run.warn(f"{len(taken)} blobs that the store lacked were taken back from published files")


def _unrecorded(run: Run) -> str | None:
    """Generation ids that exist nowhere else."""
    names = ", ".join(
        f"{missed.ref} is generation {missed.answer.generation_id}" for missed in run.unrecorded
    )
    return f"paid for and not recorded: {names}" if names else None


def _reason(run: Run, prepared: Prepared, code: ExitCode) -> str | None:
    if code is ExitCode.DAMAGED and prepared.held_back:
        return "a lock file belongs to another journal: what is paid was collected, nothing bought"
    return run.reason if code is ExitCode.UNFINISHED else None


def _name_held_back(run: Run, prepared: Prepared, workspace: Workspace) -> None:
    """What another journal may be buying is not bought: the exit code says it."""
    for message, hint in told_apart(prepared.held_back, run.locks.found, workspace):
        run.warn(message, hint=hint, code=ExitCode.DAMAGED)


def _name_left_out(run: Run, left_out: Sequence[Collect | LookUp]) -> None:
    """Without a key, what is paid for or in doubt stays so: the exit code says it."""
    for action in left_out:
        ref, state = action.attempt.ref, action.attempt.state
        run.causes |= causes_of_states([state])
        run.warn(
            f"{ref} is {state} and AIMLAPI_KEY is not set",
            hint="export AIMLAPI_KEY=…, then: songmake render",
        )


async def _work(
    order: RenderOrder, prepared: Prepared, publisher: Publisher, run: Run, watch: SignalWatch
) -> None:
    actions: tuple[Action, ...] = (*prepared.extra, *prepared.actions)
    ledger = order.workspace.ledger_of(prepared.attempts)
    loop = asyncio.get_running_loop()
    watch.on_signal = lambda code: _threadsafe(loop, run, code)
    if watch.code is not None:
        run.stop(watch.code)
    timer = _timer(loop, run)
    try:
        async with AsyncExitStack() as stack:
            stack.enter_context(woken_by_signals(loop))
            stack.enter_context(run.sound_threads)
            await stack.enter_async_context(run.writer)
            await stack.enter_async_context(run.locks.writing_through(run.write))
            await stack.enter_async_context(run.cdn)
            opening = connect(order, needed_providers(actions), stack, run.clock)
            run.connections = await _unless_stopped(run, opening)
            searches = {name: LogSearch(found, run) for name, found in run.connections.items()}
            await _forget_sketches(run, prepared.actions, ledger)
            if not run.stopped.is_set():
                await Carrier(run, publisher, searches, ledger).carry_all(actions)
    except SongmakeError as error:
        run.warn(error.message, hint=error.hint, code=error.exit_code)
    finally:
        watch.on_signal = None
        if timer is not None:
            timer.cancel()


async def _unless_stopped(
    run: Run, opening: Coroutine[None, None, dict[Provider, Connection]]
) -> dict[Provider, Connection]:
    """The connections, or none if the run is stopped before they stand."""
    opened = asyncio.ensure_future(opening)
    stopped = asyncio.ensure_future(run.stopped.wait())
    await asyncio.wait([opened, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not opened.done():
        opened.cancel()
        await asyncio.wait([opened])
        return {}
    return opened.result()


def _threadsafe(loop: asyncio.AbstractEventLoop, run: Run, code: ExitCode) -> None:
    loop.call_soon_threadsafe(run.stop, code)


def _timer(loop: asyncio.AbstractEventLoop, run: Run) -> asyncio.TimerHandle | None:
    limit_s = run.settings.max_duration_s
    return None if limit_s is None else loop.call_later(limit_s, _out_of_time, run)


def _out_of_time(run: Run) -> None:
    run.reason = run.reason or "the time limit (--max-duration) ended the run"
    run.stop(ExitCode.UNFINISHED)


async def _forget_sketches(run: Run, actions: Sequence[Action], ledger: Ledger) -> None:
    """A sketch whose bytes are gone is simply made again: it never cost anything."""
    forgotten = [
        attempt.client_request_id
        for action in actions
        if isinstance(action, Buy) and action.take.provider is Provider.SKETCH
        if (attempt := ledger.current(action.take)) is not None
        and attempt.is_live
        and action.replaces is None
    ]
    at = run.clock.stamp()

    def forget(journal: Journal) -> None:
        for crid in forgotten:
            journal.record_planned(crid, at=at, reason="its bytes are gone")

    if forgotten:
        await run.write(forget)
