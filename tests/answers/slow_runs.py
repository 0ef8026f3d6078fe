"""Runs that wait for a quarter of a minute, for the log or for a fresh link: side by side."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from tests.answers.shop import Shop, mark, open_shop
from tests.answers.spoilt_downloads import (
    offer_dead_links,
    offer_never_audio,
    offer_spoilt_downloads,
)
from tests.command import Ended

NOT_ACCEPTED: dict[str, dict[str, Any]] = {
    "500": {"do": "500"},
    "502-html": {"do": "502", "body": "html"},
    "503": {"do": "503"},
    "504-empty": {"do": "504", "body": "empty"},
    "408": {"do": "408"},
    "418": {"do": "418"},
    "307": {"do": "redirect", "status": 307},
    "302": {"do": "redirect", "status": 302},
    "html": {"do": "html200"},
    "empty": {"do": "empty200"},
    "cut-short": {"do": "truncate"},
    "bad-json": {"do": "bad_json"},
    "reset": {"do": "reset_after_read"},
    "bomb": {"do": "gzip_bomb"},
    "huge": {"do": "huge"},
}
ACCEPTED: dict[str, dict[str, Any]] = {
    **{
        f"paid-{name}": {**fault, "do": f"accept_then_{fault['do']}"}
        for name, fault in NOT_ACCEPTED.items()
        if name != "reset"
    },
    "paid-reset": {"do": "accept_then_reset"},
    "paid-no-id": {"do": "accept_then_no_id"},
    "paid-nothing": {"do": "accept_then_truncate", "bytes": 0},
    "paid-same-id": {"do": "same_id"},
}


@dataclass(slots=True, kw_only=True)
class SlowRun:
    """A command at work in its shop."""

    shop: Shop
    process: subprocess.Popen[str]
    out: IO[str]
    err: IO[str]
    _ended: Ended | None = field(default=None, init=False)

    def ended(self) -> Ended:
        """How it ended; waits for that at most a minute and a half."""
        if self._ended is None:
            code = self.process.wait(90)
            texts = []
            for stream in (self.out, self.err):
                stream.seek(0)
                texts.append(stream.read())
            assert "Traceback" not in texts[1], texts[1]
            self._ended = Ended(code=code, out=texts[0], err=texts[1])
        return self._ended


def _offer_lost_answers(shop: Shop) -> None:
    shop.offer("fine", *ACCEPTED, *NOT_ACCEPTED)
    # The first sale, so that "the same id again" is another song's.
    assert shop.songmake.render("-s", "fine").code == 0
    for name, fault in {**ACCEPTED, **NOT_ACCEPTED}.items():
        shop.vendor.fault("post", match=mark(name), **fault)


def _offer_no_log(shop: Shop) -> None:
    shop.offer("paid", "unpaid")
    shop.vendor.fault("logs", "404", times=None)
    shop.vendor.fault("post", "accept_then_500", match=mark("paid"))
    shop.vendor.fault("post", "500", match=mark("unpaid"))


def _offer_log_for_later(shop: Shop) -> None:
    shop.offer("song")
    shop.vendor.fault("logs", "404")
    shop.vendor.fault("post", "accept_then_reset")


def _offer_endless_log(shop: Shop) -> None:
    shop.offer("song")
    shop.vendor.fault("post", "500")
    shop.vendor.fault("logs", "never_has_more_false", times=None)


def _offer_unreadable_log(shop: Shop) -> None:
    shop.offer("song")
    shop.vendor.fault("post", "accept_then_500")
    shop.vendor.fault("logs", "html200", times=None)


def _offer_late_log(shop: Shop) -> None:
    shop.offer("song")
    shop.vendor.set(logs_lag_s=4.0)
    shop.vendor.fault("post", "accept_then_500")


def _offer_failing_log(shop: Shop) -> None:
    shop.offer("song")
    shop.vendor.fault("post", "accept_then_500")
    shop.vendor.fault("logs", "500", times=1)
    shop.vendor.fault("logs", "429", times=1)
    shop.vendor.fault("logs", "bad_json", times=1)


SCENES: dict[str, Callable[[Shop], None]] = {
    "lost answers": _offer_lost_answers,
    "no log": _offer_no_log,
    "log for later": _offer_log_for_later,
    "failure in the log": _offer_log_for_later,
    "endless log": _offer_endless_log,
    "unreadable log": _offer_unreadable_log,
    "late log": _offer_late_log,
    "failing log": _offer_failing_log,
    "downloads": offer_spoilt_downloads,
    "never audio": offer_never_audio,
    "dead links": offer_dead_links,
}


@contextmanager
def begin(offer: Callable[[Shop], None]) -> Iterator[SlowRun]:
    """Opens a shop, spoils it, and starts a render of everything in it."""
    with (
        open_shop() as shop,
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as err,
    ):
        offer(shop)
        process = shop.songmake.start(
            "render", "--yes", "--poll-interval", "0.05", "-j", "60", stdout=out, stderr=err
        )
        try:
            yield SlowRun(shop=shop, process=process, out=out, err=err)
        finally:
            process.kill()
            process.wait()
