"""What can go wrong with a download, by the song that it happens to."""

from __future__ import annotations

from typing import Any

from tests.answers.shop import Shop, mark

CUT = {"do": "truncate", "bytes": 10_000}
MENDING: dict[str, tuple[dict[str, Any], ...]] = {
    "expired": ({"do": "expire_link"},),
    "gone-once": ({"do": "404"},),
    "html": ({"do": "html200"},),
    "empty": ({"do": "empty200"},),
    "garbage": ({"do": "garbage"},),
    "cut-short": (CUT,),
    "cut-twice": (CUT, CUT),
    "cut-at-once": ({"do": "truncate", "bytes": 0},),
    "no-length": ({"do": "truncate_no_length", "bytes": 10_000},),
    "chunked": ({"do": "chunked_truncate", "bytes": 10_000},),
    "reset": ({"do": "reset_at", "bytes": 10_000},),
    "no-range": (CUT, {"do": "no_range"}),
    "wrong-range": (CUT, {"do": "wrong_range"}),
    "moved": ({"do": "redirect"},),
    "moved-for-good": ({"do": "redirect", "status": 308},),
    "code-500": ({"do": "500"},),
    "code-503": ({"do": "503", "body": "html"},),
    "throttled": ({"do": "429"},),
}
LOST: dict[str, dict[str, Any]] = {
    "gone": {"do": "404", "times": None},
    "always-expired": {"do": "expire_link", "times": None},
}


def offer_spoilt_downloads(shop: Shop) -> None:
    """A song for each fault, and one whose file changes between two visits."""
    shop.offer(*MENDING, "changed", *LOST)
    shop.vendor.fault("cdn", match=mark("changed"), **CUT)
    shop.vendor.fault("cdn", "changed", match=mark("changed"))
    for name, faults in MENDING.items():
        for fault in faults:
            shop.vendor.fault("cdn", match=mark(name), **fault)
    for name, fault in LOST.items():
        shop.vendor.fault("cdn", match=mark(name), **fault)


def offer_never_audio(shop: Shop) -> None:
    """Bytes of the right length, and never a song."""
    shop.offer("never-audio")
    shop.vendor.fault("cdn", "garbage", times=None)


def offer_dead_links(shop: Shop) -> None:
    """Links that are born dead."""
    shop.vendor.set(link_ttl_s=-10.0)
    shop.offer("song")
