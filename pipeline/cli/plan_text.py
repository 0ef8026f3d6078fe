"""The plan as text: one line a take, and what it all costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.core.money import price_text

WORDS = {
    "keep": "keep",
    "publish": "publish",
    "collect": "collect",
    "look_up": "look up",
    "buy": "buy",
    "share": "share",
    "stuck": "stuck",
}


def plan_lines(
    document: Mapping[str, Any], *, has_several_albums: bool, width: int
) -> Iterator[str]:
    """``ACTION  NAME  PRICE  REASON`` in aligned columns no wider than ``width`` if it can be."""
    rows = [_cells(row, has_several_albums) for row in document["takes"]]
    verb_width = max((len(row[0]) for row in rows), default=0)
    name_width = min(max((len(row[1]) for row in rows), default=0), 40)
    price_width = max((len(row[2]) for row in rows), default=0)
    for verb, name, price, reason in rows:
        head = f"{verb:<{verb_width}}  {name:<{name_width}}  {price:>{price_width}}  "
        yield (head + clipped(reason, max(width - len(head), 20))).rstrip()
    if document["files"]:
        yield f"publish  {clipped(', '.join(document['files']), max(width - 9, 20))}"
    yield total_line(document)


def _cells(row: Mapping[str, Any], has_several_albums: bool) -> tuple[str, str, str, str]:
    album = f"{row['album']}/" if has_several_albums else ""
    name = f"{album}{row['song']}#{row['take']}"
    is_bought = row["action"] == "buy"
    price = price_text(micro(row["price_usd"])) if is_bought else "–"
    over = "" if row["is_within_budget"] or not is_bought else "no room in the budget: "
    return (WORDS[row["action"]], name, price, over + row["reason"])


def total_line(document: Mapping[str, Any]) -> str:
    """``4 takes: 3 buy, 1 keep · $0.585``."""
    totals = document["totals"]
    counts = ", ".join(f"{totals[verb]} {word}" for verb, word in WORDS.items() if verb in totals)
    takes = totals["takes"]
    noun = "take" if takes == 1 else "takes"
    price, affordable = micro(totals["price_usd"]), micro(totals["affordable_usd"])
    limit = "" if price == affordable else f", {price_text(affordable)} of it within the budget"
    return f"{takes} {noun}: {counts or 'nothing'} · {price_text(price)}{limit}"


def balance_line(amount_microusd: int) -> str:
    """``the account holds $12.34``."""
    sign = "-" if amount_microusd < 0 else ""
    return f"the account holds {sign}{price_text(abs(amount_microusd))}"


def micro(amount: str) -> int:
    """Micro-dollars of a six-place decimal string."""
    whole, _, fraction = amount.partition(".")
    return int(whole) * 1_000_000 + int(fraction.ljust(6, "0"))


def clipped(text: str, width: int) -> str:
    """``text`` in at most ``width`` characters, one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else f"{flat[: width - 1]}…"


def status_lines(rows: Sequence[Mapping[str, Any]], *, has_several_albums: bool) -> Iterator[str]:
    """``NAME  STATE  MONEY`` and, for one that needs it, the command that moves it on."""
    cells = [_status_cells(row, has_several_albums) for row in rows]
    name_width = min(max((len(cell[0]) for cell in cells), default=0), 40)
    state_width = max((len(cell[1]) for cell in cells), default=0)
    money_width = max((len(cell[2]) for cell in cells), default=0)
    for row, (name, state, money) in zip(rows, cells, strict=True):
        aside = "" if row["is_wanted"] else "  (not what the manifest asks for now)"
        head = f"{name:<{name_width}}  {state:<{state_width}}  {money:>{money_width}}"
        head += "  needs-ear" if row["needs_ear"] else ""
        yield (head + aside).rstrip()
        if row["error"] and row["state"] not in ("published", "stored"):
            yield f"    {clipped(row['error'], 74)}"
        for finding in row["findings"]:
            yield f"    {finding['code']}: {finding['message']}"
        if row["next"] and row["state"] not in ("planned", "stored"):
            yield f"    next: {row['next']}"
            if row["state"] == "in_doubt":
                yield "    or --charged, or --not-charged; songmake render looks it up again first"
                yield f"    in the provider's log it is {row['client_request_id']}"


def _status_cells(row: Mapping[str, Any], has_several_albums: bool) -> tuple[str, str, str]:
    album = f"{row['album']}/" if has_several_albums else ""
    parts = (("charged", ""), ("held", " held"), ("in_doubt", " in doubt"))
    amounts = [(micro(row[f"{name}_usd"]), word) for name, word in parts]
    money = " + ".join(f"{price_text(amount)}{word}" for amount, word in amounts if amount)
    if row["is_adopted"]:
        money = f"{money} adopted".strip()
    if row["shared_with"]:
        money = f"shared with {row['shared_with']}"
    return (f"{album}{row['song']}#{row['take']}", row["state"], money or "–")
