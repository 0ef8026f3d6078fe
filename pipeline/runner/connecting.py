"""The providers that a run talks to."""

from __future__ import annotations

from contextlib import AsyncExitStack

from pipeline.adapters.aimlapi.client import Access, ApiClient
from pipeline.adapters.sketch_process import sketch_server
from pipeline.core.album import Provider
from pipeline.core.origins import is_loopback, origin_of
from pipeline.runner.clock import Clock
from pipeline.runner.preparing import RenderOrder
from pipeline.runner.run import Connection


def uses_proxies(order: RenderOrder) -> bool:
    """Proxies of the environment are for the outside; loopback is always reached directly."""
    return not is_loopback(origin_of(order.base_url))


async def connect(
    order: RenderOrder, needed: frozenset[Provider], stack: AsyncExitStack, clock: Clock
) -> dict[Provider, Connection]:
    """Opens what is needed; ``stack`` closes it, and stops an engine that was started."""
    connections: dict[Provider, Connection] = {}
    if Provider.AIMLAPI in needed:
        assert order.key is not None
        access = Access(base_url=order.base_url, key=order.key)
        api = ApiClient(access, now=clock.now, trust_env=uses_proxies(order))
        connections[Provider.AIMLAPI] = Connection(
            api=await stack.enter_async_context(api),
            origin=origin_of(order.base_url),
            is_own_log=False,
        )
    if Provider.SKETCH in needed:
        server = await stack.enter_async_context(
            sketch_server(order.workspace.folders.state, environment=order.environment)
        )
        access = Access(base_url=server.base_url, key=server.key)
        connections[Provider.SKETCH] = Connection(
            api=await stack.enter_async_context(ApiClient(access, now=clock.now, trust_env=False)),
            origin=origin_of(server.base_url),
            is_own_log=True,
        )
    return connections
