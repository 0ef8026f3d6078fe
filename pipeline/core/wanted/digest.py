"""The identity of what is bought. Changing what goes in here spends users' money again."""

from __future__ import annotations

import json
import sys
from typing import Any

from pipeline.core.wanted.album import Digest, NeutralRequest, Provider
from pipeline.core.wanted.profile import neutral_fields

DIGEST_VERSION = 1

_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def canonical_json(document: Any) -> str:
    """One spelling of a JSON document: sorted keys, no spaces, real characters."""
    return _CANONICAL.encode(document)


def identity_of(
    request: NeutralRequest, *, provider: Provider, take: int, revision: int
) -> dict[str, Any]:
    """What is bought, in neutral names: the document that the digest is taken of."""
    return {
        "digest_version": DIGEST_VERSION,
        "provider": provider.value,
        "request": neutral_fields(request),
        "revision": revision,
        "take": take,
    }


def digest_of(request: NeutralRequest, *, provider: Provider, take: int, revision: int) -> Digest:
    """Version 1: sha256 over the UTF-8 of the canonical JSON of :func:`identity_of`."""
    import hashlib  # with it comes OpenSSL, which checking manifests has no need of

    identity = identity_of(request, provider=provider, take=take, revision=revision)
    return Digest(sys.intern(hashlib.sha256(canonical_json(identity).encode()).hexdigest()))


def known_digests(
    request: NeutralRequest, *, provider: Provider, take: int, revision: int
) -> tuple[Digest, ...]:
    """The digests under which this take may have been bought, newest version first."""
    return (digest_of(request, provider=provider, take=take, revision=revision),)


def client_request_id(digest: Digest, *, attempt: int, nonce: str) -> str:
    """``sm1.<32 hex of the digest>.<attempt>.<nonce>``: what the provider's log is searched for."""
    return sys.intern(f"sm1.{digest[:32]}.{attempt}.{nonce}")  # journal rows have the same
