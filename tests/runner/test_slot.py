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


def test_a_slot_that_was_passed_on_outlives_its_block():
    async def taken_and_passed_on() -> list[bool]:
        generations = asyncio.Semaphore(1)
        with Slot(generations) as slot:
            await slot.take()
            passed = slot.pass_on()
        seen = [generations.locked()]
        passed.give_back()
        return [*seen, generations.locked()]

    assert asyncio.run(taken_and_passed_on()) == [True, False]
