"""What every test here starts from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.scene import Scene
from tests.vendor.client import Vendor


@pytest.fixture
def scene(project: Path) -> Iterator[Scene]:
    """A quick, well-behaved vendor and an empty project."""
    with Vendor(seconds=0.2, audio_seconds=0.3) as vendor:
        scene = Scene(project=project, vendor=vendor)
        yield scene
        scene.end_all()
