"""The admin port: faults, settings and the ledger as JSON, for the tests alone."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from .http1 import Answer, Link, Request, Server, json_answer
from .settings import changed
from .world import World


class Admin:
    """GET/PUT/POST/DELETE /faults, GET/PUT /settings, GET /ledger, POST /reset, GET /health."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.server = Server(self._respond)

    async def _respond(self, request: Request, link: Link) -> None:
        try:
            wish = json.loads(request.body) if request.body else None
            answer = self._answer(request.method, request.path, wish)
        except (ValueError, TypeError, AttributeError) as wrong:
            answer = json_answer({"message": str(wrong)}, status=400)
        await link.answer(request, answer)

    def _answer(self, method: str, path: str, wish: Any) -> Answer:
        world = self._world
        match (method, path):
            case ("GET", "/health"):
                return json_answer({"ok": True})
            case ("GET", "/ledger"):
                return json_answer(world.book.document())
            case ("POST", "/reset"):
                world.reset()
            case ("GET", "/settings"):
                return json_answer(asdict(world.settings))
            case ("PUT", "/settings"):
                world.settings = changed(world.settings, wish)
                return json_answer(asdict(world.settings))
            case ("GET", "/faults"):
                return json_answer([rule.document() for rule in world.rules.rules])
            case ("PUT", "/faults"):
                world.rules.replace(wish)
                return json_answer([rule.document() for rule in world.rules.rules])
            case ("POST", "/faults"):
                return json_answer(world.rules.add(wish).document(), status=201)
            case ("DELETE", "/faults"):
                world.rules.replace([])
            case _:
                return json_answer({"message": "no such admin call"}, status=404)
        return json_answer({"ok": True})
