"""Download links that carry their own permission: a path, a time of expiry and a signature."""

from __future__ import annotations

import hashlib
import hmac

LIFETIME_S = 24 * 3600


def signed_path(path: str, *, secret: bytes, expires_at_s: int) -> str:
    """The path with ``Expires`` (Unix time) and ``Signature`` in its query."""
    return f"{path}?Expires={expires_at_s}&Signature={_signature(path, expires_at_s, secret)}"


def is_allowed(
    path: str, expires: str | None, signature: str | None, *, secret: bytes, now_s: float
) -> bool:
    """Whether this link was signed here for this path and has not expired."""
    if expires is None or signature is None or not (expires.isascii() and expires.isdigit()):
        return False
    if len(expires) > 12 or not hmac.compare_digest(
        signature.encode(), _signature(path, int(expires), secret).encode()
    ):
        return False
    return now_s < int(expires)


def _signature(path: str, expires_at_s: int, secret: bytes) -> str:
    return hmac.new(secret, f"{path}\n{expires_at_s}".encode(), hashlib.sha256).hexdigest()
