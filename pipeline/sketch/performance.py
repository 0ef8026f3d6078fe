"""Which performance a request gets: decided by what is bought, never by chance."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

_SONGMAKE_ID = re.compile(r"sm1\.([0-9a-f]{32})\.([0-9]{1,9})\.[A-Za-z0-9_:-]+")


def performance_seed(body: dict[str, Any], client_request_id: str | None) -> bytes:
    """sha256 over the canonical body, and digest and attempt of songmake's request id if it is one.

    The id's nonce is left out: a request sent again sounds the same. So another take, revision or
    replacement sounds different, and a client without such ids gets one performance a body.
    """
    spelled = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    parts = _SONGMAKE_ID.fullmatch(client_request_id or "")
    performance = f"{parts[1]}.{int(parts[2])}" if parts else ""
    return hashlib.sha256(f"{spelled}\n{performance}".encode()).digest()
