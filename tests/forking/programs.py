"""The programs that are forked: what each loads once for all, and what a copy then does."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator

# Loaded at the first use by the product: by commands that send, check schemas or decode.
_USED_LATER = (
    "anyio._backends._asyncio", "anyio.streams.tls", "asyncio.subprocess", "difflib", "html",
    "httpcore", "httpx", "jsonschema", "miniaudio", "sqlite3", "tqdm", "yaml",
)  # fmt: skip


def load_songmake() -> Callable[[], None]:
    """The product; its main function."""
    from pipeline.adapters.aimlapi.trust import trust
    from pipeline.cli.entry import main

    for name in (*_modules(), *_USED_LATER):
        importlib.import_module(name)
    trust(of_environment=False)
    return main


def load_vendor() -> Callable[[], None]:
    """The double, which knows nothing of the product; its main function."""
    from tests.vendor.__main__ import main

    return main


LOADERS: dict[str, Callable[[], Callable[[], None]]] = {
    "songmake": load_songmake,
    "vendor": load_vendor,
}


def _modules() -> Iterator[str]:
    """The product's modules but the engine, which has threads and is a process of its own."""
    import pipeline

    for found in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if not found.name.startswith(("pipeline.sketch", "pipeline.__main__")):
            yield found.name
