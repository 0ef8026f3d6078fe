"""Collecting one paid generation: poll, download, check, store. All of it is free."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, State
from pipeline.core.wanted.album import AudioSetting, Provider, TakeRef
from pipeline.errors import ExitCode
from pipeline.runner.render.fetching import NoConnection, Stored, check_and_store, fetch_and_store
from pipeline.runner.render.polling import Ended, Gone, Poller
from pipeline.runner.render.run import Run

PAUSES_S = (1.0, 2.0, 4.0, 8.0)  # between fresh links, before dead ones mean that it is lost


async def collect(
    run: Run,
    client_request_id: str,
    ref: TakeRef,
    asked_of: Callable[[Attempt], AudioSetting | None],
    *,
    is_new: bool,
    is_published: bool = False,
    on_rendered: Callable[[], None],
) -> None:
    """Brings an attempt as far as this run can; the journal says how far that is.

    ``ref`` is what the take is called today. ``is_new`` waits before the first poll: nothing is
    ready the moment it is submitted. What an earlier run fetched and could not store needs no poll.
    ``on_rendered`` runs as soon as the provider is done with it, before any download. A sketch
    that its engine has forgotten goes back to planned; a paid one becomes lost when fresh links
    stay dead, unless its file ``is_published``. Bytes that are no audio prove nothing about the
    file: they leave it ready.
    """
    if await _was_kept_back(run, client_request_id, ref, asked_of, on_rendered):
        return
    attempt = run.attempt(client_request_id)
    poller = Poller(run, attempt, began_s=run.clock.steady_s(), is_new=is_new)
    del attempt  # with its texts, while it may be one of thousands
    result = await poller.until_rendered(is_first_now=not is_new)
    on_rendered()
    attempt = replace(run.attempt(client_request_id), ref=ref)
    asked = asked_of(attempt)
    for pause_s in (*PAUSES_S, None):
        if isinstance(result, Ended):
            return
        if isinstance(result, Gone):
            await _lose(run, attempt, result.reason, is_published=is_published)
            return
        fetched = await fetch_and_store(run, attempt, result.link, asked)
        if isinstance(fetched, Stored):
            return
        if isinstance(fetched, NoConnection) or not run.settings.is_waiting:
            _leave(run, attempt, fetched.reason)
            return
        run.warn(f"{attempt.ref}: {fetched.reason}", ref=attempt.ref)
        if pause_s is not None:
            await asyncio.sleep(pause_s)
            result = await poller.until_rendered(is_first_now=True)
        elif fetched.is_gone:
            await _lose(run, attempt, fetched.reason, is_published=is_published)
        else:
            _leave(run, attempt, fetched.reason)


async def _was_kept_back(
    run: Run,
    client_request_id: str,
    ref: TakeRef,
    asked_of: Callable[[Attempt], AudioSetting | None],
    on_rendered: Callable[[], None],
) -> bool:
    """Stores what an earlier run fetched and could not store; False if there is no such thing."""
    kept = run.store.desk.kept_back(client_request_id)
    if kept is None:
        return False
    on_rendered()
    attempt = replace(run.attempt(client_request_id), ref=ref)
    stored = await check_and_store(run, attempt, kept, asked_of(attempt))
    return isinstance(stored, Stored)


def _leave(run: Run, attempt: Attempt, reason: str) -> None:
    run.causes.add(ExitCode.UNFINISHED)
    note = f"left for the next run: {reason}"
    run.tell(attempt.client_request_id, note=note, is_settled=True)


async def _lose(run: Run, attempt: Attempt, reason: str, *, is_published: bool) -> None:
    crid, at = attempt.client_request_id, run.clock.stamp()
    if is_published:
        run.warn(
            f"{attempt.ref}: its pristine audio is gone for good ({reason}); the published file is "
            "all that is left of it",
            hint="keep it: songmake cannot make it again",
            ref=attempt.ref,
        )
        return
    if attempt.provider is Provider.SKETCH:
        await run.write(lambda journal: journal.record_planned(crid, at=at, reason=reason))
        return
    run.fail()
    await run.write(lambda journal: _record_lost(journal, crid, at, reason))


def _record_lost(journal: Journal, crid: str, at: str, reason: str) -> None:
    if journal.attempt(crid).state in HAS_AUDIO:
        journal.record_ready(crid, at=at)
    journal.record_state(crid, State.LOST, at=at, reason=reason)
