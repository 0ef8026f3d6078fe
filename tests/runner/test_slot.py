"""A slot of the generations that may be in flight."""

import asyncio

from pipeline.runner.render.slot import Slot


def test_a_slot_is_given_back_once():
    async def taken_and_given_back() -> list[bool]:
        generations = asyncio.Semaphore(1)
        with Slot(generations) as slot:
            await slot.take()
            seen = [generations.locked()]
            slot.give_back()
        seen.append(generations.locked())
        await generations.acquire()
        return [*seen, generations.locked()]

    assert asyncio.run(taken_and_given_back()) == [True, False, True]
