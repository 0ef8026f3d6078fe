"""Where requests are sent, and why a rehearsal must not mix with money."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit


def origin_of(base_url: str) -> str:
    """``scheme://host[:port]`` in lower case."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{shown}{port}"


def is_loopback(origin: str) -> bool:
    """Whether an origin is on this machine."""
    host = urlsplit(origin).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def foreign_origin(origin: str, recorded: Iterable[str]) -> str | None:
    """A recorded origin on the other side of the loopback border, if there is one."""
    here = is_loopback(origin)
    return next((found for found in recorded if found and is_loopback(found) != here), None)
