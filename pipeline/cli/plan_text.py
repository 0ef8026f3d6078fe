"""The plan as text: what needs a person or money first, what stays as it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.cli.diff_text import diff_lines
from pipeline.cli.painting import Painter, Tone
from pipeline.cli.table import INDENT, Row, Table, next_line, table_of
from pipeline.core.findings.columns import wrapped
from pipeline.core.findings.phrases import counted
from pipeline.core.money import microusd_of, price_text

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
QUIET = frozenset({"collect", "publish", "keep"})  # free, and nobody is asked about them
MOST_ALIKE = 12  # of them, for one and the same reason, before they are counted in one line
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
        alike = {} if self.shows_all else _alike(rows)
        counted_ids = {id(row) for group in alike.values() for row in group}
        listed = [row for row in rows if id(row) not in counted_ids]
        albums = list(dict.fromkeys(row["album"] for row in rows))
        cells = {id(row): _row(row) for row in listed}
        others = [_together(group) for group in alike.values()]
        others += [_files(document["files"])] if document["files"] else []
        margin = "  " if len(albums) > 1 else ""
        table = table_of(
            (*cells.values(), *others), width=self.width, name_at=1, mark_at=0, money_at=2,
            paint=self.paint, margin=margin,
        )  # fmt: skip
        for album in albums:
            own = sorted((row for row in listed if row["album"] == album), key=_urgency)
            if own and margin:
                yield from wrapped(album, self.width)
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
                yield next_line(mend, self.paint)
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
            price_text(microusd_of(row["price_usd"])) if is_bought else NOTHING,
        ),
        words=over + row["reason"],
        tone=TONES.get(row["action"], Tone.PLAIN),
    )


def _urgency(row: Mapping[str, Any]) -> int:
    return list(WORDS).index(row["action"])


def _alike(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """Takes that cost nothing, need nobody and have one reason, where there are many of them."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=_urgency):
        is_bought = row["action"] == "buy" and not row.get("diff")
        is_free = is_bought and not microusd_of(row["price_usd"])
        if row["action"] in QUIET or is_free:
            groups.setdefault((row["action"], row["reason"]), []).append(row)
    return {key: group for key, group in groups.items() if len(group) > MOST_ALIKE}


def _together(rows: Sequence[Mapping[str, Any]]) -> Row:
    albums = len({row["album"] for row in rows})
    where = f" of {counted(albums, 'album')}" if albums > 1 else ""
    one = _row(rows[0])
    verb, _, price = one.cells
    return Row(
        cells=(verb, counted(len(rows), "take") + where, price),
        words=f"{one.words} (--all lists them)",
        tone=one.tone,
    )


def _files(files: Sequence[str]) -> Row:
    return Row(cells=("publish", counted(len(files), "file"), NOTHING), words=", ".join(files))


def total_line(document: Mapping[str, Any]) -> str:
    """``4 takes: 3 buy, 1 keep · $0.585``."""
    totals = document["totals"]
    counts = ", ".join(f"{totals[verb]} {word}" for verb, word in WORDS.items() if verb in totals)
    price, affordable = microusd_of(totals["price_usd"]), microusd_of(totals["affordable_usd"])
    limit = "" if price == affordable else f", {price_text(affordable)} of it within the budget"
    takes = counted(totals["takes"], "take")
    return f"{takes}: {counts or 'nothing'} · {price_text(price)}{limit}"


def balance_line(amount_microusd: int) -> str:
    """``the account holds $12.34``."""
    return f"the account holds {price_text(amount_microusd)}"
