"""When a run asks for what is rendered; its waits take no time here."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

from pipeline.core.purchase.answers import Finished, PollAnswer, Running
from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.purchase.budget import Caps
from pipeline.core.run.expecting import Kind
from pipeline.core.wanted.album import Provider
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock
from pipeline.runner.render.asking import Asking
from pipeline.runner.render.polling import Ended, Poller, PollResult, Rendered
from pipeline.runner.render.run import Connection, RenderSettings, Run
from tests.builders import an_attempt
from tests.runner.skipping import SkippingLoop, run_skipping

PUBLIC, HERE = "https://api.example.org", "http://127.0.0.1:8080"
NOW = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)  # when the builders' attempts were begun
MUSIC = Kind(Provider.AIMLAPI, "minimax/music-2.6")


@dataclass
class Provided:
    """A provider whose songs are rendered at their times, on the loop's clock."""

    loop: SkippingLoop
    ready_s: Mapping[str, float]
    asked_s: dict[str, list[float]] = field(default_factory=dict)

    async def poll(self, generation_id: str, *, deadline_s: float) -> PollAnswer:
        self.asked_s.setdefault(generation_id, []).append(self.loop.time())
        if self.loop.time() < self.ready_s[generation_id]:
            return Running(status="generating", is_known=True)
        return Finished(link="https://cdn.example.org/song")

    @property
    def all_s(self) -> list[float]:
        return sorted(moment for asked in self.asked_s.values() for moment in asked)


@dataclass
class Known:
    """A journal that knows of all of them that they are rendered already."""

    attempts: Mapping[str, Attempt]

    def attempt(self, client_request_id: str) -> Attempt:
        return self.attempts[client_request_id]


def asked(
    ready_s: list[float],
    *,
    is_new: bool = True,
    origin: str = PUBLIC,
    is_own_log: bool = False,
    age_s: float = 0.0,
    history: Mapping[Kind, tuple[float, ...]] | None = None,
    **settings: Any,
) -> tuple[Provided, list[PollResult], Run]:
    """Polls generations, all begun at once, until each is rendered or left."""
    loop = SkippingLoop()
    names = [f"generation-{number}" for number in range(len(ready_s))]
    provided = Provided(loop, dict(zip(names, ready_s, strict=True)))
    attempts = [
        an_attempt(State.READY, client_request_id=f"request-{name}", generation_id=name)
        for name in names
    ]
    clock = Clock(now=lambda: NOW + timedelta(seconds=age_s), steady_s=loop.time)
    run = Run(
        journal=cast(Any, Known({one.client_request_id: one for one in attempts})),
        locks=cast(Any, None),
        store=cast(Any, None),
        cdn=cast(Any, None),
        settings=RenderSettings(**settings),
        caps=Caps(album_microusd={}, run_microusd=None),
        clock=clock,
        emit=lambda event: None,
        history=history or {},
        connections={
            Provider.AIMLAPI: Connection(
                api=cast(Any, provided), origin=origin, is_own_log=is_own_log
            )
        },
    )

    async def poll_all() -> list[PollResult]:
        pollers = [Poller(run, one, began_s=loop.time(), is_new=is_new) for one in attempts]
        return await asyncio.gather(
            *(poller.until_rendered(is_first_now=not is_new) for poller in pollers)
        )

    return provided, run_skipping(loop, poll_all()), run


def test_an_interval_that_was_typed_is_kept_whatever_is_known():
    provided, _, _ = asked([10.5], poll_interval_s=3.0, history={MUSIC: (10.5,) * 20})
    assert provided.all_s == [3, 6, 9, 12]


def test_an_engine_beside_is_asked_every_quarter_of_a_second():
    provided, _, _ = asked([1.1], origin=HERE, is_own_log=True)
    assert provided.all_s == [0.25, 0.5, 0.75, 1.0, 1.25]


def test_a_song_that_takes_as_long_as_in_earlier_runs_is_seen_soon_after():
    provided, results, _ = asked([240.0], history={MUSIC: (240.0,) * 20})
    assert isinstance(results[0], Rendered)
    assert 240 <= provided.all_s[-1] < 247
    assert provided.all_s[0] > 45


def test_songs_that_all_take_long_are_asked_after_less_than_one_that_does():
    alone, _, _ = asked([300.0])
    among, _, _ = asked([300.0] * 30)
    assert len(among.asked_s["generation-29"]) < len(alone.all_s)


def test_what_an_earlier_run_began_is_as_old_as_it_is():
    young, _, _ = asked([20.0], is_new=False, age_s=0.0)
    old, _, _ = asked([20.0], is_new=False, age_s=85.0)
    assert young.all_s[0] == old.all_s[0] == 0.0  # it may be ready by now
    assert old.all_s[1] < young.all_s[1]


def test_a_clock_that_was_set_back_makes_what_was_begun_young():
    back, _, _ = asked([20.0], is_new=False, age_s=-86_400.0)
    young, _, _ = asked([20.0], is_new=False, age_s=0.0)
    assert back.all_s == young.all_s


def test_a_thousand_left_over_are_not_asked_after_all_at_once():
    provided, results, _ = asked([0.0] * 1000, is_new=False, age_s=600.0)
    assert all(isinstance(result, Rendered) for result in results)
    assert len(provided.all_s) == 1000
    assert all(b - a > 1 for a, b in zip(provided.all_s, provided.all_s[40:], strict=False))


def test_no_second_has_more_polls_than_its_share_though_an_interval_was_typed():
    provided, _, _ = asked([5.0] * 300, poll_interval_s=0.5)
    assert all(b - a > 1 for a, b in zip(provided.all_s, provided.all_s[40:], strict=False))


def test_a_rehearsal_has_turns_for_a_thousand_a_second():
    provided, _, _ = asked([2.0] * 50, origin=HERE, history={MUSIC: (2.0,) * 20})
    assert max(moments[-1] for moments in provided.asked_s.values()) < 2.2


def test_a_generation_whose_turn_does_not_come_in_time_is_left_for_the_next_run():
    provided, results, run = asked([0.0] * 100, is_new=False, poll_timeout_s=1.5)
    left = [result for result in results if isinstance(result, Ended)]
    assert len(left) == 100 - len(provided.all_s) == 20
    assert ExitCode.UNFINISHED in run.causes


def test_polls_of_one_song_lie_apart():
    provided, _, _ = asked([400.0])
    assert min(b - a for a, b in pairwise(provided.all_s)) >= 0.5


def test_whoever_gave_up_waiting_keeps_nobody_from_a_turn():
    loop = SkippingLoop()
    asking = Asking(Clock(steady_s=loop.time), origin=PUBLIC, history={})

    async def ask() -> list[bool]:
        first = [await asking.turn(within_s=1.0) for _ in range(40)]
        gave_up = await asking.turn(within_s=0.5)
        return [*first, gave_up, await asking.turn(within_s=1.0)]

    assert run_skipping(loop, ask()) == [*[True] * 40, False, True]
