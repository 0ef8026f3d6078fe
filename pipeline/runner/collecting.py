"""Collecting one paid generation: poll, download, check, store. All of it is free."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import assert_never

from pipeline.core.album import AudioFormat, AudioSetting, Provider
from pipeline.core.attempt import HAS_AUDIO, Attempt, State
from pipeline.errors import ExitCode
from pipeline.runner.fetching import BadLink, NoConnection, Stored, fetch_and_store
from pipeline.runner.polling import Ended, Gone, Poller, Rendered
from pipeline.runner.run import Run

BAD_LINKS = 5  # fresh links that bring nothing usable, before its audio counts as lost


async def collect(
    run: Run, attempt: Attempt, *, is_new: bool, on_rendered: Callable[[], Awaitable[None]]
) -> None:
    """Brings an attempt as far as this run can; the journal says how far that is.

    ``is_new`` waits before the first poll: nothing is ready the moment it is submitted.
    ``on_rendered`` runs as soon as the provider is done with it, before any download. A sketch
    that its engine has forgotten goes back to planned; a paid one becomes lost.
    """
    poller = Poller(run, attempt, began_s=run.clock.steady_s())
    result = await poller.until_rendered(is_first_now=not is_new)
    await on_rendered()
    for bad_links in range(1, BAD_LINKS + 1):
        match result:
            case Ended():
                return
            case Gone(reason=reason):
                _lose(run, attempt, reason)
                return
            case Rendered(link=link):
                fetched = await fetch_and_store(run, attempt, link, asked_of(attempt))
            case _:
                assert_never(result)
        match fetched:
            case Stored():
                return
            case NoConnection(reason=reason):
                run.causes.add(ExitCode.UNFINISHED)
                run.tell(attempt.client_request_id, note=f"left for the next run: {reason}")
                return
            case BadLink(reason=reason):
                run.warn(f"{attempt.ref}: {reason}", ref=attempt.ref)
                if bad_links == BAD_LINKS:
                    _lose(run, attempt, reason)
                return
                result = await poller.until_rendered(is_first_now=False)
            case _:
                assert_never(fetched)


def asked_of(attempt: Attempt) -> AudioSetting:
    """The encoding that an attempt asked for; mp3 where an imported row does not say."""
    fields = json.loads(attempt.identity_json).get("request", {})
    return AudioSetting(
        format=AudioFormat(fields.get("audio.format", "mp3")),
        sample_rate=fields.get("audio.sample_rate", 44100),
        bitrate=fields.get("audio.bitrate", 256000),
    )


def _lose(run: Run, attempt: Attempt, reason: str) -> None:
    crid, at = attempt.client_request_id, run.clock.stamp()
    if attempt.provider is Provider.SKETCH:
        run.journal.record_planned(crid, at=at, reason=reason)
        return
    if run.attempt(crid).state in HAS_AUDIO:
        run.journal.record_ready(crid, at=at)
    run.journal.record_state(crid, State.LOST, at=at, reason=reason)
    run.causes.add(ExitCode.FAILED)
