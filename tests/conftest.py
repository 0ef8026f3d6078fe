"""Guards for every test: no network but loopback, nobody's real home, no inherited settings."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import settings

from tests.bucket import BucketServer, BucketStoreAt
from tests.sharing import Sharing, turn_of

FOREIGN = ("AIMLAPI_", "SONGMAKE_", "AWS_", "AZURE_", "GOOGLE_")
IN_MEMORY = Path("/dev/shm")
ROOM_BYTES = 1 << 30
# How long an example takes is the machine's affair.
settings.register_profile("any machine", deadline=None, database=None)
settings.load_profile("any machine")

real_connect = socket.socket.connect


def is_allowed(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def pytest_configure() -> None:
    """Temporary folders lie in memory that can hold them: tests kill processes, not the power.

    Processes inherit it; a folder that was chosen by hand stays. Their output is buffered, as a
    user's is: what cannot be written is noticed late.
    """
    os.environ.pop("PYTHONUNBUFFERED", None)
    if "TMPDIR" not in os.environ and is_roomy(IN_MEMORY):
        os.environ["TMPDIR"] = str(IN_MEMORY)
        tempfile.tempdir = None


def is_roomy(folder: Path) -> bool:
    """Whether a run of all tests fits, and programs may be started there."""
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= ROOM_BYTES and not found.f_flag & os.ST_NOEXEC


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: turn_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Sharing:
    return Sharing(config, log)


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Iterator[None]:
    def connect(self: socket.socket, address: object) -> None:
        if not is_allowed(address):
            self.close()
            raise AssertionError(f"a test reached for {address}")
        real_connect(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = real_connect  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def clean_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "CI"):
            del os.environ[name]
    os.environ["HOME"] = str(tmp_path_factory.mktemp("home"))
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def bucket_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketServer]:
    """Object storage on loopback, once for all tests of a worker."""
    with BucketServer(root=tmp_path_factory.mktemp("objects")) as server:
        yield server


@pytest.fixture
def bucket(bucket_server: BucketServer, tmp_path: Path) -> BucketStoreAt:
    """A store of the test's own in it, empty."""
    prefix = f"stores/{tmp_path.name}"
    return BucketStoreAt(server=bucket_server, prefix=prefix, port=bucket_server.port)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project: its root is found by ``.git``."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "manifests").mkdir()
    return tmp_path
