"""One double for all tests of the command; every test has an empty ledger and its own project."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import songs, write_manifest
from tests.command import Songmake, end_what_was_started
from tests.vendor.client import Vendor


@pytest.fixture(scope="session")
def double() -> Iterator[Vendor]:
    with Vendor(seconds=0.05, audio_seconds=0.3) as started:
        yield started


@pytest.fixture
def vendor(double: Vendor) -> Iterator[Vendor]:
    double.reset()
    yield double
    end_what_was_started()
    assert double.ledger().violations == ()
    assert double.complaints() == ""


@pytest.fixture
def shop(project: Path, vendor: Vendor) -> Songmake:
    """An empty project whose provider is the double."""
    return Songmake(project=project, environment=vendor.environment)


@pytest.fixture(scope="session")
def bought_once(double: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with three songs, all bought and published."""
    project = tmp_path_factory.mktemp("bought")
    (project / ".git").mkdir()
    write_manifest(project, songs(3))
    double.reset()
    ended = Songmake(project=project, environment=double.environment).render()
    assert ended.code == 0, ended.said
    return project


@pytest.fixture
def bought(bought_once: Path, tmp_path: Path, vendor: Vendor) -> Songmake:
    """A copy of that project; the ledger is empty, so whatever is in it was sent by the test."""
    copy = tmp_path / "copy"
    shutil.copytree(bought_once, copy)
    return Songmake(project=copy, environment=vendor.environment)
