"""Polls, as songmake asks and as plain httpx would: ``python -m … WHO URL KEY IN_FLIGHT POLLS``."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import httpx

from pipeline.adapters.aimlapi.client import PATH, Access, ApiClient
from pipeline.core.purchase.answers import Running

WARM_UPS = 50
PATIENCE_S = 300.0
Poll = Callable[[], Awaitable[None]]


async def _cpu_us_a_poll(who: str, url: str, key: str, in_flight: int, polls: int) -> float:
    async with AsyncExitStack() as stack:
        generation_id = await _generation(url, key)
        begin = _songmake if who == "songmake" else _plain
        poll = await begin(stack, url, key, generation_id)
        for _ in range(WARM_UPS):
            await poll()
        each = polls // in_flight
        before_s = time.process_time()
        await asyncio.gather(*(_repeated(poll, each) for _ in range(in_flight)))
        return (time.process_time() - before_s) / (each * in_flight) * 1e6


async def _repeated(poll: Poll, times: int) -> None:
    for _ in range(times):
        await poll()


async def _generation(url: str, key: str) -> str:
    body = {"model": "minimax/music-2.6", "prompt": "soft drums", "lyrics": "[Verse]\nla la la la"}
    async with httpx.AsyncClient(trust_env=False) as client:
        bearer = {"Authorization": f"Bearer {key}"}
        accepted = await client.post(f"{url}{PATH}", json=body, headers=bearer)
        return str(accepted.json()["id"])


async def _songmake(stack: AsyncExitStack, url: str, key: str, generation_id: str) -> Poll:
    access = Access(base_url=url, key=key)
    api = ApiClient(access, now=lambda: datetime.now(UTC), trust_env=False)
    await stack.enter_async_context(api)

    async def poll() -> None:
        answer = await api.poll(generation_id, deadline_s=PATIENCE_S)
        assert isinstance(answer, Running), answer

    return poll


async def _plain(stack: AsyncExitStack, url: str, key: str, generation_id: str) -> Poll:
    client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE_S)
    await stack.enter_async_context(client)
    bearer = {"Authorization": f"Bearer {key}"}

    async def poll() -> None:
        answered = await client.get(PATH, params={"generation_id": generation_id}, headers=bearer)
        assert answered.json()["status"] == "generating"

    return poll


if __name__ == "__main__":
    name, address, secret, *numbers = sys.argv[1:]
    taken_us = asyncio.run(_cpu_us_a_poll(name, address, secret, *map(int, numbers)))
    print(json.dumps({"cpu_us": taken_us}))  # noqa: T201 - its only result
