"""What object storage answers, in words of our own.

The client's errors quote whole requests: addresses, and with some services signatures. Nothing of
their text is passed on but the HTTP status and the service's one-word code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import SongmakeError, StoreRefused, StoreUnreachable, StoreUnusable

STATUS = re.compile(r"status code: (\d{3})")
CODE = re.compile(r"<Code>(\w{1,64})</Code>")
NO_ROLE = re.compile(r"169\.254\.|/latest/|metadata\.google|/metadata/identity|Missing\w*Cred")
NO_BUCKET = frozenset({"NoSuchBucket", "InvalidBucketName", "ContainerNotFound"})
STALE = frozenset({"ExpiredToken", "InvalidToken", "TokenRefreshRequired", "RequestTimeTooSkewed"})
ELSEWHERE = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)
PASSING = frozenset({408, 425, 429})
CREDENTIALS_HINT = (
    "export AWS_ACCESS_KEY_ID=… and AWS_SECRET_ACCESS_KEY=… (AWS_REGION, AWS_ENDPOINT_URL)"
)


@contextmanager
def refusals(shown: str, doing: str) -> Iterator[None]:
    """Turns the client's errors into ours: ``SHOWN cannot DOING: …``."""
    from obstore.exceptions import BaseError

    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise  # of this machine's disk
        raise refusal(shown, doing, str(error)) from None
    except (BaseError, ValueError) as error:
        raise refusal(shown, doing, f"{type(error).__name__} {error}") from None


def refusal(shown: str, doing: str, text: str) -> SongmakeError:
    """The error of one answer, out of what its text has in it."""
    found = STATUS.search(text)
    status = int(found[1]) if found else None
    code = named[1] if (named := CODE.search(text)) else ""
    what = f"{shown} cannot {doing}"
    reason = f"{status} {code}".strip() if status else ""
    if NO_ROLE.search(text):
        return StoreUnusable(
            f"{what}: no credentials are set, and this machine has no role of its own",
            hint=CREDENTIALS_HINT,
        )
    if code in NO_BUCKET or (status == 404 and doing == "be listed"):
        return StoreUnusable(
            f"{shown}: there is no such bucket", hint="check the name, or make the bucket first"
        )
    if status == 404:
        return StoreUnreachable(f"{what}: it is not there", hint="look again: songmake render")
    if status == 301 or code in ELSEWHERE:
        return StoreUnusable(
            f"{shown}: the bucket is in another region ({reason})", hint="export AWS_REGION=…"
        )
    if code in STALE or _is_denied(status, text):
        return StoreRefused(
            f"{what}: the service refuses the credentials ({reason or 'denied'})",
            hint="check key, secret and that they may list, read and write the prefix",
        )
    if status is not None and 400 <= status < 500 and status not in PASSING:
        return StoreRefused(
            f"{what}: the service refuses it ({reason})",
            hint="look the code up in the service's documentation, then: songmake render",
        )
    return StoreUnreachable(
        f"{what}: {f'the service fails ({reason})' if reason else 'the service does not answer'}",
        hint="nothing is bought without it; try again later, free: songmake render",
    )


def _is_denied(status: int | None, text: str) -> bool:
    return status in (401, 403) or text.startswith(("PermissionDenied", "Unauthenticated"))
