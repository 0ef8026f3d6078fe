"""The embedded engine as a process of its own, alive exactly as long as the run that needs it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import SketchUnavailable

KEY_VARIABLE = "SONGMAKE_SKETCH_KEY"
START_DEADLINE_S = 60.0
STOP_DEADLINE_S = 1.0
PACKAGE_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchServer:
    """A running engine: its loopback URL and the random key that it asks for."""

    base_url: str
    key: str = field(repr=False)


@asynccontextmanager
async def sketch_server(
    state_dir: Path, *, environment: Mapping[str, str]
) -> AsyncIterator[SketchServer]:
    """Starts ``songmake sketch serve`` on a free loopback port and stops it at the end.

    The engine watches its standard input, a pipe from here: when this process dies, however, the
    pipe ends and so does the engine. Raises ``SketchUnavailable`` if it does not come up.
    """
    key = secrets.token_urlsafe(32)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "pipeline", "sketch", "serve",
        "--port", "0", "--state", str(state_dir), "--parent-pipe",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(environment, key),
        start_new_session=True,  # a Ctrl-C at the terminal is this process's to answer
    )  # fmt: skip
    drained: asyncio.Task[bytes] | None = None
    try:
        base_url = await _announced_url(process)
        drained = asyncio.create_task(_drain(process))
        yield SketchServer(base_url=base_url, key=key)
    finally:
        await _stop(process)
        if drained is not None:
            drained.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await drained


def _environment(environment: Mapping[str, str], key: str) -> dict[str, str]:
    kept = {name: text for name, text in environment.items() if not name.startswith("AIMLAPI_")}
    paths = [str(PACKAGE_ROOT), *filter(None, [environment.get("PYTHONPATH")])]
    return {**kept, KEY_VARIABLE: key, "PYTHONPATH": ":".join(paths)}


async def _announced_url(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_DEADLINE_S):
            line = (await process.stdout.readline()).decode(errors="replace").strip()
    except TimeoutError:
        raise SketchUnavailable(
            "the sketch engine did not start in a minute",
            hint="try it alone: songmake sketch serve",
        ) from None
    url = line.rpartition(" ")[2]
    if not url.startswith("http://"):
        said = await _last_words(process)
        raise SketchUnavailable(
            f"the sketch engine did not start: {said or 'it said nothing'}",
            hint="see what it needs: songmake doctor",
        )
    return url


async def _last_words(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    return (await process.stderr.read(4096)).decode(errors="replace").strip()


async def _drain(process: asyncio.subprocess.Process) -> bytes:
    """Reads what the engine says, so that a full pipe never stops it."""
    assert process.stderr is not None
    said = b""
    while block := await process.stderr.read(4096):
        said = (said + block)[-4096:]
    return said


async def _stop(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(STOP_DEADLINE_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
