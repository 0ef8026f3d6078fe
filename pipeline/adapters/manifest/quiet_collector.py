"""Python's cyclic garbage collector, silent while a great tree grows."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_collector() -> Iterator[None]:
    """No collection within: each would walk the whole tree so far, and find no garbage in it.

    Afterwards the collector is as it was before, also if the caller or an outer use stopped it.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
