"""What is at work in a run, and what waits for its time."""

import asyncio
from collections.abc import Callable, Coroutine

from pipeline.runner.render.crew import Crew
from tests.runner.skipping import SkippingLoop, run_skipping


def begun(plan: Callable[[Crew[str]], Coroutine[None, None, None]]) -> list[tuple[str, float]]:
    """What was begun and when, of what a plan hands to a crew."""
    loop = SkippingLoop()
    seen: list[tuple[str, float]] = []

    async def look(name: str) -> None:
        seen.append((name, loop.time()))

    async def carry_out() -> None:
        crew = Crew[str](look)
        await plan(crew)
        await crew.is_done.wait()

    run_skipping(loop, carry_out())
    return seen


def test_what_waits_is_begun_when_it_is_due_whatever_came_first():
    async def plan(crew: Crew[str]) -> None:
        crew.later("last", wait_s=30)
        crew.later("first", wait_s=5)
        crew.later("second", wait_s=5)
        crew.later("at once", wait_s=0)
        await asyncio.sleep(10)
        crew.later("in between", wait_s=2)

    assert begun(plan) == [
        ("at once", 0), ("first", 5), ("second", 5), ("in between", 12), ("last", 30),
    ]  # fmt: skip


def test_a_crew_is_done_only_when_nothing_waits_any_more():
    async def plan(crew: Crew[str]) -> None:
        async def again() -> None:
            crew.later("again", wait_s=7)

        crew.start(again())

    assert begun(plan) == [("again", 7)]


def test_a_crew_that_was_cancelled_begins_nothing_more():
    async def plan(crew: Crew[str]) -> None:
        async def stubborn() -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                crew.later("too late", wait_s=1)

        crew.start(stubborn())
        crew.later("waiting", wait_s=1)
        await asyncio.sleep(0)
        crew.cancel()

    assert begun(plan) == []
