"""Downloads as songmake makes them: ``python -m … URL FOLDER FILES AT_ONCE [AUTHORITY]``."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from pipeline.adapters.aimlapi.cdn import Cdn, Progress
from pipeline.adapters.aimlapi.trust import trust
from pipeline.core.purchase.answers import Fetched


async def _fetched(url: str, folder: Path, files: int, at_once: int) -> dict[str, float]:
    async with Cdn(connections=at_once) as cdn:
        # a first file brings in what is loaded once
        first_bytes = await _fetch(cdn, f"{url}/audio/first.mp3", folder / "first.mp3")
        (folder / "first.mp3").unlink()
        resident_kib, before_s = _kib("VmRSS"), time.process_time()
        names = [f"{number}.mp3" for number in range(files)]
        sizes = await asyncio.gather(
            *(_fetch(cdn, f"{url}/audio/{name}", folder / name) for name in names)
        )
        cpu_s = time.process_time() - before_s
    assert all(size >= first_bytes - len("first") for size in sizes)
    return {
        "cpu_s_a_gb": cpu_s / (sum(sizes) / 1e9),
        "growth_mib": (_kib("VmHWM") - resident_kib) / 1024,
        "bytes": sum(sizes),
    }


async def _fetch(cdn: Cdn, link: str, path: Path) -> int:
    answer = await cdn.fetch(link, path, Progress())
    assert isinstance(answer, Fetched), answer
    assert answer.checksum is not None
    return answer.size_bytes


def _kib(name: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise LookupError(name)


if __name__ == "__main__":
    address, where, many, together, *authority = sys.argv[1:]
    for named in authority:
        trust(of_environment=False).load_verify_locations(named)
    # what was loaded so far is no part of a later peak
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    found = asyncio.run(_fetched(address, Path(where), int(many), int(together)))
    print(json.dumps(found))  # noqa: T201 - its only result
