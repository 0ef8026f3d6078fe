"""A reconciliation for people: what differs, what was moved, what to type, in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.cli.typed import as_typed
from pipeline.core.findings.phrases import counted
from pipeline.core.money import microusd_of, price_text

WIDTH = 80
INDENT = "    "
WORDS = {
    "charged_more": "charged more, corrected",
    "charged_less": "charged less, corrected",
    "refunded": "refunded, corrected",
    "settled": "charged, the hold is settled",
    "released": "failed, the hold is released",
    "found": "found, to be collected",
    "charged_anyway": "charged all the same",
    "unsettled": "never settled",
    "uncharged": "not in the ledger",
    "in_doubt": "in doubt",
}


def reconciliation_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """What is worth a line, and then the sums."""
    for row in document["takes"]:
        if row["kind"] in WORDS:
            yield from _head(f"{_name(row)}: {WORDS[row['kind']]}")
            yield from _wrapped(row["message"])
            if row["hint"]:
                for line in row["hint"].splitlines():
                    yield f"{INDENT}next: {as_typed(line)}"
    yield from _purchases(document["purchases"])
    yield from _totals(document)


def _name(row: Mapping[str, Any]) -> str:
    attempt = f" (attempt {row['attempt']})" if row["attempt"] > 1 else ""
    return f"{row['album']}/{row['song']}#{row['take']}{attempt}"


def _head(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, subsequent_indent=INDENT, break_on_hyphens=False)


def _wrapped(text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT, break_on_hyphens=False
    )


def _purchases(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    for row in (row for row in rows if row["wanted_by"]):
        price = price_text(microusd_of(row["charged_usd"]))
        yield from _head(f"{row['wanted_by']}: bought, and unknown to this journal")
        here = "an earlier request of this take" if row["was_sent_here"] else "another journal's"
        yield from _wrapped(f"{here}, {price}, generation {row['generation_id'] or 'unknown'}")
        yield f"{INDENT}in the log: {row['client_request_id']}"
    others = [row for row in rows if not row["wanted_by"]]
    if others:
        spent = price_text(sum(microusd_of(row["charged_usd"]) for row in others))
        noun = counted(len(others), "purchase")
        yield from textwrap.wrap(
            f"besides, the log shows {noun} of other albums or journals, {spent}", WIDTH
        )


def _totals(document: Mapping[str, Any]) -> Iterator[str]:
    totals = document["totals"]
    parts = [f"{totals[name]} {word}" for name, word in (
        ("agreed", "agreed"), ("corrected", "corrected"), ("moved", "moved on"),
        ("differing", "differ"), ("in_doubt", "in doubt"), ("pending", "not in the ledger yet"),
        ("not_compared", "not compared"),
    ) if totals[name]]  # fmt: skip
    head = counted(totals["attempts"], "paid attempt")
    yield from textwrap.wrap(f"{head}: {', '.join(parts) or 'nothing to compare'}", WIDTH)
    journal, ledger = (
        price_text(microusd_of(totals[f"{name}_usd"])) for name in ("journal", "ledger")
    )
    yield f"journal {journal} · ledger {ledger}"
