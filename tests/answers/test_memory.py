"""Answers of any size are read in bounds."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.answers.shop import Shop, mark
from tests.command import ROOT

LIMIT_KIB = 120 * 1024  # a run of one plain song peaks at 61 MiB


# A child's peak counts its parent's size at the fork: a small parent stands in for this one.
LAUNCHER = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_kib(shop: Shop, *words: str) -> tuple[int, int]:
    """Exit code and peak resident memory of one quiet render."""
    ran = subprocess.run(
        [
            *(sys.executable, "-S", "-c", LAUNCHER, sys.executable, "-m", "pipeline"),
            *("render", "--yes", "--poll-interval", "0.05", *words),
        ],
        cwd=shop.project,
        env={**os.environ, "PYTHONPATH": str(ROOT), **shop.songmake.environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    assert "Traceback" not in ran.stderr
    code, peak = ran.stdout.splitlines()[-1].split()
    return int(code), int(peak)


def test_bombs_and_endless_answers_do_not_fill_the_memory(shop: Shop) -> None:
    shop.offer("post-bomb", "post-huge", "poll-bomb", "poll-huge", "file-huge")
    shop.vendor.fault("post", "accept_then_gzip_bomb", match=mark("post-bomb"))
    shop.vendor.fault("post", "accept_then_huge", match=mark("post-huge"))
    shop.vendor.fault("poll", "gzip_bomb", match=mark("poll-bomb"))
    shop.vendor.fault("poll", "huge", match=mark("poll-huge"))
    shop.vendor.fault("cdn", "huge", match=mark("file-huge"))
    shop.vendor.fault("logs", "gzip_bomb")
    code, peak = peak_kib(shop, "-j", "5")
    assert code == 0
    assert set(shop.songmake.states().values()) == {"published"}
    assert peak < LIMIT_KIB
    assert len(shop.vendor.ledger().accepted) == 5
