"""Identities compared: what the manifest changed since a purchase."""

from __future__ import annotations

import json


def changed_fields(before_json: str, now_json: str) -> tuple[str, ...]:
    """Neutral names in which two identities differ, sorted."""
    before, now = json.loads(before_json), json.loads(now_json)
    if "digest_version" not in before:
        return ("request",)  # an imported purchase does not say all that it asked for
    old, new = before.get("request", {}), now.get("request", {})
    names = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    names |= {name for name in ("revision", "take") if before.get(name) != now.get(name)}
    return tuple(sorted(names))
