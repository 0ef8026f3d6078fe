"""Whether a bucket answers, by one page of its list: nothing is written and nothing left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pipeline.adapters.blob_store.bucket import PROBE_KEY
from pipeline.adapters.blob_store.opening import open_bucket
from pipeline.adapters.blob_store.refusals import refusals
from pipeline.core.store.location import StoreLocation

if TYPE_CHECKING:
    from obstore.store import ObjectStore


def is_bucket_empty(location: StoreLocation) -> bool:
    """Whether nothing lies under the prefix.

    Raises ``StoreUnusable``, ``StoreRefused``, ``StoreUnreachable``, ``ExtraMissing``.
    """
    return asyncio.run(_is_empty(open_bucket(location), location.shown))


async def _is_empty(objects: ObjectStore, shown: str) -> bool:
    with refusals(shown, "be listed"):
        async for page in objects.list(chunk_size=2):
            if any(meta["path"] != PROBE_KEY for meta in page):
                return False
    return True
