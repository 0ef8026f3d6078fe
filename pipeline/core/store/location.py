"""Where the store is: a folder, or a bucket in object storage. Addresses carry no credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from pipeline.errors import StoreUnusable

BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,221}", re.ASCII)
PREFIX_PART = re.compile(r"[A-Za-z0-9._=+@-]+", re.ASCII)
FORMS = "a folder, file:///folder, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"


class StoreKind(StrEnum):
    """Who keeps the bytes; the value is the scheme of its addresses."""

    FOLDER = "file"
    S3 = "s3"
    GOOGLE = "gs"
    AZURE = "az"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLocation:
    """A store's address. ``place`` is a folder's path, a bucket or a container.

    ``endpoint`` is the http(s) address of an S3 service that is not Amazon's.
    """

    kind: StoreKind
    place: str
    prefix: str = ""
    endpoint: str | None = None

    @property
    def shown(self) -> str:
        """As a person would type it."""
        if self.kind is StoreKind.FOLDER:
            return self.place
        return f"{self.kind.value}://{self.place}" + (f"/{self.prefix}" if self.prefix else "")


def parse_store(text: str) -> StoreLocation:
    """Reads what ``--store`` was given. Raises ``StoreUnusable``; never repeats what may be secret.

    What has no ``://`` is a folder's path.
    """
    if not text.strip() or "\0" in text:
        raise _malformed("the store's address is empty")
    if "://" not in text:
        _refuse_half_a_scheme(text)
        return StoreLocation(kind=StoreKind.FOLDER, place=text)
    try:
        parts = urlsplit(text)
        scheme, host = parts.scheme.lower(), parts.netloc
    except ValueError:
        raise _malformed("the store's address cannot be read") from None
    if "@" in host or parts.query or parts.fragment or "?" in text or "#" in text:
        raise StoreUnusable(
            "the store's address has a user, a password, a query or a fragment in it: "
            "credentials are only ever read from the environment",
            hint="name bucket and prefix alone, and export AWS_ACCESS_KEY_ID and the like",
        )
    if scheme not in set(StoreKind):
        raise _malformed(f"'{scheme}://' is no kind of store that songmake knows")
    kind = StoreKind(scheme)
    if kind is StoreKind.FOLDER:
        return StoreLocation(kind=kind, place=_folder(host, parts.path))
    return StoreLocation(kind=kind, place=_bucket(host), prefix=_prefix(parts.path))


def _refuse_half_a_scheme(text: str) -> None:
    scheme = text.partition(":")[0].lower()
    if ":" in text and scheme in set(StoreKind):
        raise _malformed(f"'{scheme}:' lacks its '//'")


def _folder(host: str, path: str) -> str:
    if host not in ("", "localhost") or not path.strip("/"):
        raise _malformed("a file:// address names a folder on this machine, from the root on")
    return unquote(path)


def _bucket(host: str) -> str:
    if not BUCKET.fullmatch(host):
        raise _malformed("the store's address does not name a bucket")
    return host


def _prefix(path: str) -> str:
    inside = path.strip("/")
    parts = inside.split("/") if inside else []
    if any(not PREFIX_PART.fullmatch(part) or set(part) == {"."} for part in parts):
        raise _malformed("a prefix is made of letters, digits and . _ = + @ -, divided by /")
    return inside


def _malformed(message: str) -> StoreUnusable:
    return StoreUnusable(message, hint=f"--store takes {FORMS}")
