"""Collecting one paid generation: poll, download, check, store. All of it is free."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, State
from pipeline.core.purchase.plan import Collect
from pipeline.core.wanted.album import AudioSetting, Provider, TakeRef
from pipeline.errors import ExitCode
from pipeline.runner.render.fetching import NoConnection, Stored, check_and_store, fetch_and_store
from pipeline.runner.render.polling import Ended, Gone, Poller, PollResult
from pipeline.runner.render.run import Run
from pipeline.runner.render.slot import Slot

PAUSES_S = (1.0, 2.0, 4.0, 8.0)  # between fresh links, before dead ones mean that it is lost


@dataclass(slots=True, kw_only=True)
class Flight:
    """A generation that is asked after: all that is held of it between two polls.

    ``ref`` is what the take is called today. ``known`` is the action for what an earlier run paid
    for, None for what was submitted just now. ``slot`` is given back as soon as the provider is
    done with it.
    """

    ref: TakeRef
    known: Collect | None
    slot: Slot
    poller: Poller

    @property
    def client_request_id(self) -> str:
        """Of the attempt that is in flight."""
        return self.poller.client_request_id

    @property
    def is_published(self) -> bool:
        """Whether its file is, and only the store lacks it."""
        known = self.known
        return known is not None and known.take is None and known.attempt.state is State.PUBLISHED


async def fetch(
    run: Run,
    flight: Flight,
    result: PollResult,
    asked_of: Callable[[Attempt], AudioSetting | None],
) -> None:
    """Brings what was polled as far as this run can; the journal says how far that is.

    A sketch that its engine has forgotten goes back to planned; a paid one becomes lost when fresh
    links stay dead, unless its file is published. Bytes that are no audio prove nothing about the
    file: they leave it ready.
    """
    attempt = replace(run.attempt(flight.client_request_id), ref=flight.ref)
    asked = asked_of(attempt)
    for pause_s in (*PAUSES_S, None):
        if isinstance(result, Ended):
            return
        if isinstance(result, Gone):
            await _lose(run, attempt, result.reason, is_published=flight.is_published)
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
            result = await flight.poller.until_rendered(is_first_now=True)
        elif fetched.is_gone:
            await _lose(run, attempt, fetched.reason, is_published=flight.is_published)
        else:
            _leave(run, attempt, fetched.reason)


async def was_kept_back(
    run: Run,
    client_request_id: str,
    ref: TakeRef,
    asked_of: Callable[[Attempt], AudioSetting | None],
    slot: Slot,
) -> bool:
    """Stores what an earlier run fetched and could not store, which needs no poll.

    False if there is no such thing.
    """
    kept = run.store.desk.kept_back(client_request_id)
    if kept is None:
        return False
    slot.give_back()
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
