"""The cost report of one album: a document derived from journal and manifest, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipeline.core.documents.money_fields import money_fields
from pipeline.core.findings.phrases import length_text
from pipeline.core.handover.spreadsheet import csv_text
from pipeline.core.handover.tracks import Publication
from pipeline.core.money import microusd, microusd_of, price_text, usd_text
from pipeline.core.purchase.attempt import Attempt, StoredAudio, balance_of
from pipeline.core.purchase.standing import Ledger, sounding_of
from pipeline.core.sound.measurement import UNMEASURED, Measurements
from pipeline.core.sound.take_quality import Listening
from pipeline.core.wanted.album import Album, Provider, TakeRef
from pipeline.core.wanted.takes import WantedTake

SCHEMA = "songmake/cost-report/1"
CSV_COLUMNS = (
    "song", "take", "attempt", "title", "state", "provider", "model", "charged_usd", "held_usd",
    "in_doubt_usd", "credits_used", "cost_source", "generation_id", "client_request_id", "digest",
    "submitted_at", "completed_at", "path", "seconds", "shared_with", "error",
    "needs_ear", "findings", "loudness_lufs", "true_peak_dbtp",
)  # fmt: skip


def cost_report(
    album: Album,
    takes: Sequence[WantedTake],
    attempts: Sequence[Attempt],
    publications: Sequence[Publication],
    measurements: Measurements = UNMEASURED,
) -> dict[str, Any]:
    """The document of ``cost-report.json``: one row an attempt, shared ones at $0."""
    listening = Listening.of(takes, Ledger.of(attempts), measurements)
    own = [attempt for attempt in attempts if attempt.ref.album == album.id]
    titles = {song.id: song.title for song in album.songs}
    order = {song.id: song.number for song in album.songs}
    published = _published(album, attempts, publications)
    rows = [
        (
            _place(order, attempt.ref, attempt),
            _row(attempt, attempt.ref, titles, published, listening),
        )
        for attempt in own
    ]
    for take, attempt in _shared(album, takes, attempts):
        row = _row(attempt, take.ref, titles, published, listening, shared_with=attempt.ref)
        rows.append((_place(order, take.ref, attempt), row))
    rows.sort(key=lambda pair: pair[0])
    return {
        "schema": SCHEMA,
        "album": album.id,
        "currency": "USD",
        "totals": _totals(own, len(rows)),
        "loudness": listening.album_fields(album.id),
        "budget_usd": None if album.budget_usd is None else usd_text(microusd(album.budget_usd)),
        "takes": [row for _, row in rows],
    }


def _place(
    order: Mapping[Any, int], ref: TakeRef, attempt: Attempt
) -> tuple[int, str, int, int, str, str]:
    """By track, take and attempt; what is equal in that, by time and not by the journal's order."""
    place = (order.get(ref.song, len(order) + 1), ref.song, ref.number, attempt.number)
    return (*place, attempt.intent_at, attempt.client_request_id)


def _totals(attempts: Sequence[Attempt], row_count: int) -> dict[str, Any]:
    balance = balance_of(attempts)
    paid = [attempt for attempt in attempts if attempt.balance.held or attempt.balance.charged]
    return {
        **money_fields(balance),
        "credits": sum(attempt.credits or 0 for attempt in paid),
        "takes": row_count,
    }


def _shared(
    album: Album, takes: Sequence[WantedTake], attempts: Sequence[Attempt]
) -> list[tuple[WantedTake, Attempt]]:
    """Takes of this album that were bought under another name, with that purchase."""
    ledger = Ledger.of(attempts)
    found: list[tuple[WantedTake, Attempt]] = []
    for take in takes:
        attempt = ledger.sounding(take) or ledger.current(take)
        if take.ref.album == album.id and attempt is not None and attempt.ref != take.ref:
            found.append((take, attempt))
    return found


def _published(
    album: Album, attempts: Sequence[Attempt], publications: Sequence[Publication]
) -> dict[tuple[TakeRef, str], Publication]:
    """An album's files by take and by the client request id of the attempt that they sound of."""
    heard = {
        digest: sounding.client_request_id
        for digest, found in Ledger.of(attempts).by_digest.items()
        if (sounding := sounding_of(found)) is not None
    }
    return {
        (publication.ref, heard[publication.digest]): publication
        for publication in publications
        if publication.ref.album == album.id
        and publication.mtime_ns is not None
        and publication.digest in heard
    }


def _row(
    attempt: Attempt,
    ref: TakeRef,
    titles: Mapping[Any, str],
    published: Mapping[tuple[TakeRef, str], Publication],
    listening: Listening,
    *,
    shared_with: TakeRef | None = None,
) -> dict[str, Any]:
    balance = attempt.balance
    is_shared = shared_with is not None
    return {
        "song": ref.song,
        "take": ref.number,
        "attempt": attempt.number,
        "client_request_id": attempt.client_request_id,
        "title": titles.get(ref.song, attempt.title),
        "state": attempt.shown_state.value,
        "provider": attempt.provider.value,
        "origin": (attempt.origin or None) if attempt.provider is Provider.AIMLAPI else None,
        "model": attempt.model,
        "digest": attempt.digest,
        "generation_id": attempt.generation_id,
        "credits_used": 0 if is_shared else attempt.credits,
        "charged_usd": usd_text(0 if is_shared else balance.charged),
        "held_usd": usd_text(0 if is_shared else balance.held),
        "in_doubt_usd": usd_text(0 if is_shared else balance.in_doubt),
        "reserved_usd": usd_text(0 if is_shared else attempt.reserved_microusd),
        "cost_source": None if is_shared else _cost_source(attempt),
        "submitted_at": attempt.submitted_at,
        "completed_at": attempt.completed_at,
        "audio": _audio(attempt.audio, published.get((ref, attempt.client_request_id))),
        "quality": listening.fields(attempt, ref),
        "shared_with": str(shared_with) if shared_with else None,
        "error": attempt.error,
    }


def _cost_source(attempt: Attempt) -> str | None:
    return attempt.cost_source or ("estimated" if attempt.balance.committed else None)


def _audio(audio: StoredAudio | None, publication: Publication | None) -> dict[str, Any] | None:
    """``path`` is relative to the report's folder; ``sha256`` and ``bytes`` are that file's."""
    if audio is None:
        return None
    return {
        "path": publication.path.partition("/")[2] if publication else None,
        "sha256": publication.checksum if publication else None,
        "bytes": publication.size_bytes if publication else None,
        "seconds": audio.milliseconds / 1000,
        "format": audio.format,
        "sample_rate": audio.sample_rate_hz,
        "channels": audio.channels,
        "stored_sha256": audio.checksum,
        "stored_bytes": audio.size_bytes,
    }


def report_csv(report: Mapping[str, Any]) -> str:
    """The rows as CSV; text that a spreadsheet would run as a formula gets a leading quote."""
    rows = []
    for row in report["takes"]:
        audio = row["audio"] or {}
        flat = {**row, "path": audio.get("path"), "seconds": audio.get("seconds"), **_heard(row)}
        rows.append([flat[column] for column in CSV_COLUMNS])
    return csv_text(CSV_COLUMNS, rows)


def _heard(row: Mapping[str, Any]) -> dict[str, str | Decimal | None]:
    quality = row["quality"]
    if quality is None:
        return dict.fromkeys(("needs_ear", "findings", "loudness_lufs", "true_peak_dbtp"))
    return {
        "needs_ear": "yes" if quality["needs_ear"] else "no",
        "findings": "; ".join(found["message"] for found in quality["findings"]) or None,
        "loudness_lufs": _number(quality["loudness_lufs"]),
        "true_peak_dbtp": _number(quality["true_peak_dbtp"]),
    }


def _number(figure: str | None) -> Decimal | None:
    """A number, not text: the minus of a loudness begins no formula."""
    return None if figure is None else Decimal(figure)


def report_markdown(report: Mapping[str, Any], *, title: str) -> str:
    """The report for people."""
    totals = report["totals"]
    budget = report["budget_usd"]
    lines = [
        f"# Cost report: {_inline(title)}",
        "",
        f"Charged {_usd(totals['charged_usd'])}"
        f" · held {_usd(totals['held_usd'])}"
        f" · in doubt {_usd(totals['in_doubt_usd'])}"
        f" · released {_usd(totals['released_usd'])}"
        f" · budget {_usd(budget) if budget else 'none'}",
        "",
        "| song | take | attempt | title | state | charged | held | in doubt | length | LUFS |",
        "|---|--:|--:|---|---|--:|--:|--:|--:|--:|",
    ]
    lines += [_markdown_row(row) for row in report["takes"]]
    lines += _listening_lines(report)
    return "\n".join(lines) + "\n"


def _listening_lines(report: Mapping[str, Any]) -> list[str]:
    """How loud the album is, and which takes need an ear, and why."""
    loudness = report["loudness"]
    lines = []
    if loudness is not None:
        lines += [
            "",
            f"Loudness {loudness['album_lufs']} LUFS over {loudness['tracks']} picked takes"
            f" · spread {loudness['spread_lu']} LU",
        ]
    found = [
        f"- {row['song']}#{row['take']} (attempt {row['attempt']}): {finding['message']}"
        for row in report["takes"]
        for finding in (row["quality"] or {"findings": ()})["findings"]
    ]
    return [*lines, "", "Needs an ear:", "", *found] if found else lines


def _markdown_row(row: Mapping[str, Any]) -> str:
    seconds = row["audio"]["seconds"] if row["audio"] else None
    length = "–" if seconds is None else length_text(round(seconds * 1000))
    cells = (
        row["song"],
        str(row["take"]),
        str(row["attempt"]),
        _inline(row["title"]),
        row["state"] + (f" (shared with {row['shared_with']})" if row["shared_with"] else ""),
        _usd(row["charged_usd"]),
        _usd(row["held_usd"]),
        _usd(row["in_doubt_usd"]),
        length,
        (row["quality"] or {}).get("loudness_lufs") or "–",
    )
    return f"| {' | '.join(cells)} |"


def _inline(text: str) -> str:
    """Text that stays text in Markdown and in the HTML made from it."""
    flat = " ".join(text.split())
    for sign in "\\`*_[]|#":
        flat = flat.replace(sign, f"\\{sign}")
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _usd(amount: str) -> str:
    return price_text(microusd_of(amount))


def report_line(report: Mapping[str, Any]) -> str:
    """One line for a terminal: album, rows and money."""
    totals = report["totals"]
    return (
        f"{report['album']}: {totals['takes']} rows · charged {_usd(totals['charged_usd'])}"
        f" · held {_usd(totals['held_usd'])} · in doubt {_usd(totals['in_doubt_usd'])}"
    )
