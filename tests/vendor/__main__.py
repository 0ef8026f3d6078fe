"""``python -m tests.vendor --ledger FILE --ready FILE``: the double as a process."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import stat
from dataclasses import fields
from pathlib import Path

from .admin import Admin
from .api import Api
from .cdn import Cdn
from .ledger import Book
from .settings import Settings, changed
from .world import World

DEFAULT_KEY = "vendor-double-key"


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.vendor", description=__doc__)
    parser.add_argument("--ledger", type=Path, required=True, help="SQLite file, kept if it exists")
    parser.add_argument("--ready", type=Path, required=True, help="gets {api, cdn, admin, pid}")
    for name in ("api", "cdn", "admin"):
        parser.add_argument(f"--{name}-port", type=int, default=0, help="0: any free port")
    for field in fields(Settings):
        flag = "--" + field.name.replace("_", "-")
        parser.add_argument(flag, dest=field.name, type=json.loads, help=f"{field.default}")
    return parser.parse_args()


def _leave() -> None:
    # Everything is committed; a loop that is torn down in order would wait for hanging answers.
    os._exit(0)


def _leave_with_parent(loop: asyncio.AbstractEventLoop) -> None:
    kind = os.fstat(0).st_mode
    if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
        # An interrupt at the terminal reaches the whole group; only the parent's end ends this.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        loop.add_reader(0, lambda: None if os.read(0, 4096) else _leave())


def _announce(ready: Path, urls: dict[str, str | int]) -> None:
    aside = ready.with_name(ready.name + ".part")
    aside.write_text(json.dumps(urls), encoding="utf-8")
    aside.replace(ready)


async def _run(arguments: argparse.Namespace) -> None:
    wishes = {field.name: getattr(arguments, field.name) for field in fields(Settings)}
    settings = changed(
        Settings(), {name: wish for name, wish in wishes.items() if wish is not None}
    )
    key = os.environ.get("VENDOR_KEY", DEFAULT_KEY)
    world = World(Book(arguments.ledger), key=key, settings=settings)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, _leave)
    _leave_with_parent(loop)
    ports = {
        "api": await Api(world).server.start(arguments.api_port),
        "cdn": await Cdn(world).server.start(arguments.cdn_port),
        "admin": await Admin(world).server.start(arguments.admin_port),
    }
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    world.api_url, world.cdn_url = urls["api"], urls["cdn"]
    _announce(arguments.ready, {**urls, "pid": os.getpid()})
    await asyncio.Event().wait()


def main() -> None:
    asyncio.run(_run(_parse_arguments()))


if __name__ == "__main__":
    main()
