"""The providers that a run talks to."""

from __future__ import annotations

from contextlib import AsyncExitStack

from pipeline.adapters.aimlapi.client import Access, ApiClient
from pipeline.adapters.sketch_process import sketch_server
from pipeline.core.purchase.origins import is_loopback, origin_of
from pipeline.core.wanted.album import Provider
from pipeline.errors import UsageError
from pipeline.runner.clock import Clock
from pipeline.runner.render.preparing import RenderOrder
from pipeline.runner.render.run import Connection


def open_api(access: Access, clock: Clock) -> ApiClient:
    """A client for an address; proxies of the environment are for what is not on this machine."""
    try:
        trust_env = not is_loopback(access.base_url)
        return ApiClient(access, now=clock.now, trust_env=trust_env)
    except ImportError as error:
        raise UsageError(
            f"the proxy of this environment cannot be used: {error}",
            hint="unset ALL_PROXY, or: pip install 'httpx[socks]'",
        ) from error


async def connect(
    order: RenderOrder, needed: frozenset[Provider], stack: AsyncExitStack, clock: Clock
) -> dict[Provider, Connection]:
    """Opens what is needed; ``stack`` closes it, and stops an engine that was started."""
    connections: dict[Provider, Connection] = {}
    if Provider.AIMLAPI in needed:
        assert order.key is not None
        access = Access(base_url=order.base_url, key=order.key)
        api = open_api(access, clock)
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
            api=await stack.enter_async_context(open_api(access, clock)),
            origin=origin_of(server.base_url),
            is_own_log=True,
        )
    return connections
