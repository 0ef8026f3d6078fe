"""The status as text: what a person must do first, then what is under way, then the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.cli.painting import Painter, Tone
from pipeline.cli.plan_text import NOTHING
from pipeline.cli.table import INDENT, Row, Table, next_line, table_of
from pipeline.core.findings.columns import wrapped
from pipeline.core.findings.phrases import counted
from pipeline.core.money import Balance, microusd_of, sum_text

ABSENT = "absent"  # published, and its file is not there
ORDER = (
    "in_doubt", "lost", "failed", "rejected", "intent", "submitted", "ready", "stored", ABSENT,
    "planned", "published", "superseded",
)  # fmt: skip
ALARMING = frozenset({"in_doubt", "lost", "failed", "rejected"})
MOST_ALIKE = 12  # takes in one state that need nothing of their own, before they are counted
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """How a status is laid out."""

    width: int
    paint: Painter
    shows_all: bool = False

    def lines(self, document: Mapping[str, Any]) -> Iterator[str]:
        """``NAME  STATE  MONEY`` by album; history and quiet takes are counted."""
        rows: Rows = document["takes"]
        past = [] if self.shows_all else [row for row in rows if _is_past(row)]
        counts = Counter(_stand(row) for row in rows if _is_quiet(row))
        many = {
            stand for stand, count in counts.items() if count > MOST_ALIKE and not self.shows_all
        }
        alike = [row for row in rows if _stand(row) in many and _is_quiet(row)]
        hidden = {id(row) for row in (*past, *alike)}
        listed = [row for row in rows if id(row) not in hidden]
        folded = [_folded([row for row in alike if _stand(row) == stand], stand)
                  for stand in ORDER if stand in many]  # fmt: skip
        folded += [_history(past)] if past else []
        yield from self._albums(rows, listed, folded)
        waiting = {row["next"] for row in alike if row["next"]}
        for command in sorted(waiting - {_step(row) for row in listed}):
            yield next_line(command, self.paint)
        yield from wrapped(_counts(rows), self.width)

    def _albums(self, rows: Rows, listed: Rows, folded: Sequence[Row]) -> Iterator[str]:
        albums = list(dict.fromkeys(row["album"] for row in rows))
        margin = "  " if len(albums) > 1 else ""
        cells = {id(row): _row(row) for row in listed}
        table = table_of(
            (*cells.values(), *folded), width=self.width, name_at=0, mark_at=1, money_at=2,
            paint=self.paint, margin=margin,
        )  # fmt: skip
        for album in albums:
            own = sorted((row for row in listed if row["album"] == album), key=_urgency)
            if not own:
                continue
            if margin:
                yield from wrapped(album, self.width)
            yield from self._rows(own, cells, table)
        for each in folded:
            yield from table.lines(each)

    def _rows(self, rows: Rows, cells: Mapping[int, Row], table: Table) -> Iterator[str]:
        for row, after in zip(rows, (*rows[1:], None), strict=True):
            yield from table.lines(cells[id(row)])
            yield from self._below(row)
            is_last = after is None or _step(after) != _step(row)
            if _step(row) is not None and is_last:
                yield from self._steps(row)

    def _below(self, row: Mapping[str, Any]) -> Iterator[str]:
        if row["error"] and row["state"] not in ("published", "stored"):
            yield from self._indented(row["error"])
        for finding in row["findings"]:
            yield from self._indented(f"{finding['code']}: {finding['message']}")

    def _steps(self, row: Mapping[str, Any]) -> Iterator[str]:
        yield next_line(row["next"], self.paint)
        if row["state"] == "in_doubt":
            yield from self._indented(
                "or --charged, or --not-charged, in place of --generation ID; "
                "a render looks it up again first"
            )
            yield f"{INDENT}in the provider's log it is {row['client_request_id']}"

    def _indented(self, text: str) -> Iterator[str]:
        for line in wrapped(text, self.width - len(INDENT), most=6):
            yield f"{INDENT}{line}"


def _stand(row: Mapping[str, Any]) -> str:
    return ABSENT if row["has_file"] is False else str(row["state"])


def _is_past(row: Mapping[str, Any]) -> bool:
    """An attempt that stands for no take any more and that nothing has to be done about."""
    return not row["is_wanted"] and row["next"] is None and not microusd_of(row["in_doubt_usd"])


def _is_quiet(row: Mapping[str, Any]) -> bool:
    """A take that has nothing to say of its own."""
    is_told = row["findings"] or row["shared_with"]
    has_error = row["error"] and row["state"] not in ("published", "stored")
    return bool(row["is_wanted"] and row["state"] not in ALARMING and not is_told and not has_error)


def _step(row: Mapping[str, Any]) -> str | None:
    """The command to show beneath a row; what is planned or stored waits for the next render."""
    found: str | None = row["next"]
    return None if row["state"] in ("planned", "stored") else found


def _urgency(row: Mapping[str, Any]) -> tuple[bool, bool, int]:
    is_urgent = row["state"] in ALARMING or row["needs_ear"]
    return (not (row["is_wanted"] or row["next"]), not is_urgent, ORDER.index(_stand(row)))


def _row(row: Mapping[str, Any]) -> Row:
    notes = ["its file is not there"] if _stand(row) == ABSENT else []
    notes += ["needs-ear"] if row["needs_ear"] else []
    notes += [f"with {row['shared_with']}"] if row["shared_with"] else []
    notes += [] if row["is_wanted"] else ["not what the manifest asks for now"]
    name = f"{row['song']}#{row['take']}"
    return Row(cells=(name, row["state"], _money(row)), words=", ".join(notes), tone=_tone(row))


def _tone(row: Mapping[str, Any]) -> Tone:
    if row["state"] in ALARMING:
        return Tone.ALARM
    if row["needs_ear"] or microusd_of(row["held_usd"]) or _stand(row) == ABSENT:
        return Tone.MONEY
    return Tone.QUIET if row["state"] in ("published", "superseded") else Tone.PLAIN


def _money(row: Mapping[str, Any]) -> str:
    if row["shared_with"]:
        return "shared"
    money = _sum([row])
    return f"{money} adopted".removeprefix(f"{NOTHING} ") if row["is_adopted"] else money


def _sum(rows: Iterable[Mapping[str, Any]]) -> str:
    balances = (
        Balance(
            charged=microusd_of(row["charged_usd"]),
            held=microusd_of(row["held_usd"]),
            in_doubt=microusd_of(row["in_doubt_usd"]),
        )
        for row in rows
    )
    return sum_text(sum(balances, Balance())) or NOTHING


def _folded(rows: Rows, stand: str) -> Row:
    gone = "their files are not there; " if stand == ABSENT else ""
    return Row(
        cells=(counted(len(rows), "take"), rows[0]["state"], _sum(rows)),
        words=f"{gone}--all lists them",
        tone=_tone(rows[0]),
    )


def _history(rows: Rows) -> Row:
    return Row(
        cells=(counted(len(rows), "earlier attempt"), "history", _sum(rows)),
        words="--all lists them",
        tone=Tone.QUIET,
    )


def _counts(rows: Rows) -> str:
    wanted = Counter(row["state"] for row in rows if row["is_wanted"])
    gone = sum(_stand(row) == ABSENT for row in rows)
    parts = [f"{wanted[state]} {state}" for state in ORDER if state in wanted]
    parts[-1] += f" ({gone} without a file)" if gone else ""
    return f"{counted(wanted.total(), 'take')}: {', '.join(parts) or 'nothing'}"
