"""Shops, and the runs that take long, started side by side."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.answers.shop import Shop, open_shop
from tests.answers.slow_runs import SCENES, SlowRun, begin


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


@pytest.fixture(scope="session")
def slow_runs() -> Iterator[dict[str, SlowRun]]:
    """Runs that wait long, all begun at once, in the process that runs their tests."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as surroundings:
        for name in list(os.environ):
            if name.startswith(("AIMLAPI_", "SONGMAKE_")):
                surroundings.delenv(name)
        yield {name: stack.enter_context(begin(scene)) for name, scene in SCENES.items()}
