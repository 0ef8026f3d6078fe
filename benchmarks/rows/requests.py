"""Row 8: what a poll costs, whatever the number of songs in flight."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measuring import paired
from benchmarks.row import Measured, Row
from benchmarks.servers.serving import KEY, Served, serving
from benchmarks.servers.wishes import Wishes

POLLS = 3_000
UNENDING_S = 1e6
ROUNDS = 5
_ROOT = Path(__file__).resolve().parents[2]


def _cpu_us(bench: Bench, served: Served, who: str, in_flight: int) -> float:
    polls = max(POLLS, in_flight)
    ran = subprocess.run(
        [bench.python, "-m", "benchmarks.clients.polls", who, served.api_url, KEY,
         str(in_flight), str(polls)],
        cwd=_ROOT, env=bench.env, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return float(json.loads(ran.stdout)["cpu_us"])


def _against_httpx(bench: Bench) -> Measured:
    with serving(bench.scratch, Wishes(median_s=UNENDING_S)) as served:
        return paired(
            partial(_cpu_us, bench, served, "songmake", 50),
            partial(_cpu_us, bench, served, "httpx", 50),
            rounds=bench.rounds_up_to(ROUNDS),
            unit="µs",
        )


def _against_one(bench: Bench, *, in_flight: int) -> Measured:
    with serving(bench.scratch, Wishes(median_s=UNENDING_S)) as served:
        return paired(
            partial(_cpu_us, bench, served, "songmake", in_flight),
            partial(_cpu_us, bench, served, "songmake", 1),
            rounds=bench.rounds_up_to(ROUNDS),
            unit="µs",
        )


ROWS = (
    Row(
        number=8,
        work="a poll with 50 in flight / plain httpx.AsyncClient",
        at_most=0.5,
        reach_for=0.12,
        measure=_against_httpx,
        reason="httpx's own API above the transport is more than half of a poll",
    ),
    *(
        Row(
            number=8,
            work=f"a poll with {in_flight:,} in flight / with 1",
            at_most=1.5,
            reach_for=1.1,
            measure=partial(_against_one, in_flight=in_flight),
        )
        for in_flight in (1_000, 10_000)
    ),
)
