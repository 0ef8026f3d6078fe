"""The plan as text: what needs a person or money first, what stays as it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.cli.diff_text import diff_lines
from pipeline.cli.messages import counted
from pipeline.cli.painting import Painter, Tone
from pipeline.cli.table import INDENT, Row, Table, table_of
from pipeline.cli.typed import as_typed
from pipeline.core.findings.columns import wrapped
from pipeline.core.money import price_text

WORDS = {  # in the order in which they are shown
    "stuck": "stuck",
    "look_up": "look up",
    "buy": "buy",
    "share": "share",
    "collect": "collect",
    "publish": "publish",
    "keep": "keep",
}
TONES = {
    "stuck": Tone.ALARM,
    "look_up": Tone.MONEY,
    "buy": Tone.MONEY,
    "keep": Tone.QUIET,
}
MOST_KEPT = 12  # takes that stay as they are, before they are counted in one line
NOTHING = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """How a plan is laid out. ``mends`` has the command for takes that only a person moves on."""

    width: int
    paint: Painter
    mends: Mapping[str, str]
    shows_all: bool = False

    def lines(self, document: Mapping[str, Any]) -> Iterator[str]:
        """``ACTION  NAME  PRICE  REASON`` by album, and the totals."""
        rows = document["takes"]
        kept = [row for row in rows if row["action"] == "keep"]
        is_folded = len(kept) > MOST_KEPT and not self.shows_all
        listed = [row for row in rows if not is_folded or row["action"] != "keep"]
        albums = list(dict.fromkeys(row["album"] for row in rows))
        cells = {id(row): _row(row) for row in listed}
        others = [_kept(kept)] if is_folded else []
        others += [_files(document["files"])] if document["files"] else []
        margin = "  " if len(albums) > 1 else ""
        table = table_of(
            (*cells.values(), *others), width=self.width, name_at=1, mark_at=0, money_at=2,
            paint=self.paint, margin=margin,
        )  # fmt: skip
        for album in albums:
            own = [row for row in listed if row["album"] == album]
            if own and margin:
                yield album
            own.sort(key=lambda row: list(WORDS).index(row["action"]))
            yield from self._rows(own, cells, table)
        for each in others:
            yield from table.lines(each)
        yield from wrapped(total_line(document), self.width)

    def _rows(
        self, rows: Iterable[Mapping[str, Any]], cells: Mapping[int, Row], table: Table
    ) -> Iterator[str]:
        told: dict[str, str] = {}  # a change that several takes have in common is shown once
        for row in rows:
            yield from table.lines(cells[id(row)])
            mend = self.mends.get(name_of(row))
            if mend is not None:
                yield f"{INDENT}{self.paint('next:', Tone.NEXT)} {as_typed(mend)}"
            if row.get("diff") is not None:
                yield from self._diff(row, told)

    def _diff(self, row: Mapping[str, Any], told: dict[str, str]) -> Iterator[str]:
        diff = row["diff"]
        key = repr((row["song"], diff["fields"]))
        if key in told:
            yield f"{INDENT}{self.paint(f'the same change as {told[key]}', Tone.QUIET)}"
            return
        told[key] = f"{row['song']}#{row['take']}"
        yield from diff_lines(diff, width=self.width, paint=self.paint)


def name_of(row: Mapping[str, Any]) -> str:
    """``album/song#take``."""
    return f"{row['album']}/{row['song']}#{row['take']}"


def _row(row: Mapping[str, Any]) -> Row:
    is_bought = row["action"] == "buy"
    over = "" if row["is_within_budget"] or not is_bought else "no room in the budget: "
    return Row(
        cells=(
            WORDS[row["action"]],
            f"{row['song']}#{row['take']}",
            price_text(micro(row["price_usd"])) if is_bought else NOTHING,
        ),
        words=over + row["reason"],
        tone=TONES.get(row["action"], Tone.PLAIN),
    )


def _kept(rows: Sequence[Mapping[str, Any]]) -> Row:
    albums = len({row["album"] for row in rows})
    where = f" of {counted(albums, 'album')}" if albums > 1 else ""
    return Row(
        cells=("keep", counted(len(rows), "take") + where, NOTHING),
        words="published and up to date (--all lists them)",
        tone=Tone.QUIET,
    )


def _files(files: Sequence[str]) -> Row:
    return Row(cells=("publish", counted(len(files), "file"), NOTHING), words=", ".join(files))


def total_line(document: Mapping[str, Any]) -> str:
    """``4 takes: 3 buy, 1 keep · $0.585``."""
    totals = document["totals"]
    counts = ", ".join(f"{totals[verb]} {word}" for verb, word in WORDS.items() if verb in totals)
    price, affordable = micro(totals["price_usd"]), micro(totals["affordable_usd"])
    limit = "" if price == affordable else f", {price_text(affordable)} of it within the budget"
    takes = counted(totals["takes"], "take")
    return f"{takes}: {counts or 'nothing'} · {price_text(price)}{limit}"


def balance_line(amount_microusd: int) -> str:
    """``the account holds $12.34``."""
    sign = "-" if amount_microusd < 0 else ""
    return f"the account holds {sign}{price_text(abs(amount_microusd))}"


def micro(amount: str) -> int:
    """Micro-dollars of a six-place decimal string."""
    whole, _, fraction = amount.partition(".")
    return int(whole) * 1_000_000 + int(fraction.ljust(6, "0"))
