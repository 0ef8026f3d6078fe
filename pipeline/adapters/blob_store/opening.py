"""The one place that opens a store."""

from __future__ import annotations

import shlex
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from pipeline.adapters.blob_store.bucket import BucketStore
from pipeline.adapters.blob_store.desk import Desk
from pipeline.adapters.blob_store.folder import FolderStore
from pipeline.adapters.blob_store.protocol import BlobStore
from pipeline.adapters.blob_store.refusals import refusal
from pipeline.core.purchase.origins import is_loopback
from pipeline.core.store.location import StoreKind, StoreLocation
from pipeline.errors import ExtraMissing, SongmakeError, StoreUnusable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig, S3Config

STORE_NAME = "store"
RETRIES: RetryConfig = {
    "max_retries": 4,
    "backoff": {"init_backoff": timedelta(seconds=0.2), "max_backoff": timedelta(seconds=5)},
    "retry_timeout": timedelta(seconds=60),
}
REQUEST_S = 120  # for one part of 8 MiB, so that a line of 0.6 Mbit/s is enough
CONNECT_S = 10


def open_store(location: StoreLocation | None, state_dir: Path) -> BlobStore:
    """The store of a command: what was named, or ``store/`` of the state folder.

    Sends nothing and writes nothing. Credentials of object storage are taken from the process's
    environment, or the machine's role, by the client itself. Raises ``StoreUnusable``,
    ``ExtraMissing``.
    """
    desk = Desk(state_dir)
    own = FolderStore(state_dir / STORE_NAME, shown=STORE_NAME, desk=desk)
    if location is None:
        return own
    match location.kind:
        case StoreKind.FOLDER:
            return _open_folder(location, own, state_dir, desk)
        case StoreKind.S3 | StoreKind.GOOGLE | StoreKind.AZURE:
            return BucketStore(open_bucket(location), shown=location.shown, cache=own)
        case _:
            assert_never(location.kind)


def _open_folder(
    location: StoreLocation, own: FolderStore, state_dir: Path, desk: Desk
) -> FolderStore:
    folder = Path(location.place)
    if folder.resolve() == (state_dir / STORE_NAME).resolve():
        return own
    if folder.exists() and not folder.is_dir():
        raise StoreUnusable(f"{folder}: is not a folder", hint="name a folder for --store")
    if not folder.resolve().parent.is_dir():
        raise StoreUnusable(
            f"{folder}: there is no folder above it to make it in",
            hint=f"mount the disk, or: mkdir -p {shlex.quote(str(folder))}",
        )
    return FolderStore(folder, shown=location.shown, desk=desk, spare=own)


def open_bucket(location: StoreLocation) -> ObjectStore:
    """The objects of a bucket; nothing is sent. Raises ``StoreUnusable``, ``ExtraMissing``."""
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ImportError as error:
        raise ExtraMissing(
            f"a store at {location.kind.value}:// needs obstore", hint="pip install 'songmake[s3]'"
        ) from error
    try:
        if location.kind is not StoreKind.S3:
            return from_url(
                location.shown, client_options=_client_options(None), retry_config=RETRIES
            )
        options = _client_options(location.endpoint)
        config: S3Config = {"checksum_algorithm": "SHA256"}  # the service checks it on arrival
        if location.endpoint:
            config["endpoint"] = location.endpoint
        return from_url(
            location.shown,
            config=config,
            client_options=options,
            retry_config=RETRIES,
        )
    except (BaseError, ValueError) as error:
        raise _unopened(location, str(error)) from None


def _client_options(endpoint: str | None) -> ClientConfig:
    """Proxies of the environment are for the outside: this machine is always reached directly."""
    options: ClientConfig = {
        "timeout": timedelta(seconds=REQUEST_S),
        "connect_timeout": timedelta(seconds=CONNECT_S),
        "user_agent": "songmake",
    }
    if endpoint is None:
        return options
    options["allow_http"] = endpoint.startswith("http:")
    if is_loopback(endpoint):
        options["proxy_url"] = endpoint  # one that is never used: it stands for "none at all"
        options["proxy_excludes"] = "localhost,127.0.0.0/8,::1"
    return options


def _unopened(location: StoreLocation, text: str) -> SongmakeError:
    if "Account must be specified" in text:
        return StoreUnusable(
            f"{location.shown}: no storage account is named",
            hint="export AZURE_STORAGE_ACCOUNT_NAME=… and AZURE_STORAGE_ACCOUNT_KEY=…",
        )
    return refusal(location.shown, "be opened", text)
