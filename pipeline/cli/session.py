"""From a command's words and the environment to a workspace."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.cli.messages import print_diagnostics
from pipeline.cli.reading import manifest_paths, read_all, refuse_errors, shown
from pipeline.core.findings.diagnostics import Diagnostic
from pipeline.core.purchase.origins import is_loopback
from pipeline.core.store.location import StoreKind, StoreLocation, parse_store
from pipeline.errors import StoreUnusable, UsageError
from pipeline.runner.workspace import Folders, Workspace, find_folders, workspace_of

DEFAULT_BASE_URL = "https://api.aimlapi.com"


def folders_of(
    manifests: Sequence[Path],
    state: Path | None,
    output: Path | None,
    store: str | None = None,
) -> Folders:
    """The folders of a command. Raises ``StoreUnusable`` for an address that is no store's."""
    inside = [path / "-" if path.is_dir() else path for path in manifest_paths(manifests)]
    place = store_location(store)
    return find_folders(inside, state=state, outputs=output, here=Path.cwd(), store=place)


def load_workspace(
    manifests: Sequence[Path],
    *,
    provider: str | None = None,
    state: Path | None = None,
    output: Path | None = None,
    store: str | None = None,
    is_quiet: bool = False,
    tell: Callable[[Sequence[Diagnostic]], None] = print_diagnostics,
) -> Workspace:
    """The workspace of valid manifests; findings are told, errors raise ``ManifestError``."""
    reading = read_all(manifests, provider)
    tell(shown(reading.diagnostics, is_quiet=is_quiet))
    refuse_errors(reading)
    workspace = workspace_of(reading, folders_of(manifests, state, output, store))
    gc.freeze()  # it stays to the end: no collection has to walk through it again
    return workspace


def api_key(environment: Mapping[str, str] = os.environ) -> str | None:
    """``AIMLAPI_KEY``, or None. Raises ``UsageError`` if it cannot go into a header."""
    key = environment.get("AIMLAPI_KEY", "").strip()
    if not key:
        return None
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            "AIMLAPI_KEY holds characters that no key has",
            hint="copy the key again, without quotes",
        )
    return key


def base_url(environment: Mapping[str, str] = os.environ) -> str:
    """``AIMLAPI_BASE_URL`` or the hosted API. Raises ``UsageError`` if it is not http(s)."""
    url = environment.get("AIMLAPI_BASE_URL", "").strip() or DEFAULT_BASE_URL
    if not _is_plain_address(url):
        raise UsageError(
            "AIMLAPI_BASE_URL is not an http(s) address without user, query and fragment",
            hint=f"unset it to use {DEFAULT_BASE_URL}",
        )
    return url.rstrip("/")


def store_location(
    text: str | None, environment: Mapping[str, str] = os.environ
) -> StoreLocation | None:
    """What ``--store`` names, an S3 service's address with it; None if it was not given.

    Raises ``StoreUnusable``.
    """
    if text is None:
        return None
    location = parse_store(text)
    if location.kind is not StoreKind.S3:
        return location
    return replace(location, endpoint=_s3_endpoint(environment))


def _s3_endpoint(environment: Mapping[str, str]) -> str | None:
    """``AWS_ENDPOINT_URL_S3``, else ``AWS_ENDPOINT_URL``; the first is meant for S3 alone."""
    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
    name = next((name for name in names if environment.get(name, "").strip()), None)
    if name is None:
        return None
    url = environment[name].strip()
    if not _is_plain_address(url):
        raise StoreUnusable(
            f"{name} is not an http(s) address without user, query and fragment",
            hint=f"unset {name} to use Amazon's",
        )
    is_allowed = environment.get("AWS_ALLOW_HTTP", "").strip().lower() in ("1", "true", "yes")
    if url.startswith("http:") and not is_loopback(url) and not is_allowed:
        raise StoreUnusable(
            f"{name} is an http address outside this machine: what is sent could be read there",
            hint="use https, or export AWS_ALLOW_HTTP=true if that network is yours",
        )
    return url.rstrip("/")


def _is_plain_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_usable and not (parts.username or parts.password or parts.query or parts.fragment)
