"""What one would write first: asyncio and httpx, a slot a song, a look every second, no record.

``python -m benchmarks.plain_loop API SONGS FOLDER``: nothing survives a crash, nothing is checked.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import httpx

_SLOTS = 50
_POLL_S = 1.0
_PATH = "/v2/generate/audio"
_BODY = {"model": "minimax/music-2.6", "prompt": "warm indie folk", "lyrics": "[Verse]\nlights"}


async def _main(api_url: str, songs: int, folder: Path) -> None:
    slots = asyncio.Semaphore(_SLOTS)
    async with httpx.AsyncClient(base_url=api_url, trust_env=False, timeout=60) as client:
        await asyncio.gather(*(_song(client, slots, folder, number) for number in range(songs)))


async def _song(
    client: httpx.AsyncClient, slots: asyncio.Semaphore, folder: Path, number: int
) -> None:
    async with slots:
        accepted = await client.post(_PATH, json=_BODY)
        while accepted.status_code == httpx.codes.TOO_MANY_REQUESTS:
            await asyncio.sleep(_POLL_S)
            accepted = await client.post(_PATH, json=_BODY)
        generation = {"generation_id": accepted.raise_for_status().json()["id"]}
        while True:
            await asyncio.sleep(_POLL_S)
            state = (await client.get(_PATH, params=generation)).raise_for_status().json()
            if state["status"] == "completed":
                break
        async with client.stream("GET", state["audio_file"]["url"]) as audio:
            with (folder / f"{number:05d}.mp3").open("wb") as file:
                async for block in audio.aiter_bytes():
                    file.write(block)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
