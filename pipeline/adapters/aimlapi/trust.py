"""Whose certificates are trusted; read once a process, for it takes longer than a request."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def trust(*, of_environment: bool) -> ssl.SSLContext:
    """The context of every connection: what ``SSL_CERT_FILE`` and its kind name, else certifi's."""
    return httpx.create_ssl_context(trust_env=of_environment)
