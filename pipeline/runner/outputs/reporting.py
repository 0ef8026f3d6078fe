"""Writing the cost reports, and seeing first that none of them knows more than the journal."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pipeline.adapters.durable import write_atomically
from pipeline.core.documents.cost_report import SCHEMA, cost_report, report_csv, report_markdown
from pipeline.core.findings.phrases import some_of
from pipeline.core.lock.known_purchases import check_rows, unknown_purchases
from pipeline.core.wanted.moves import continued, continued_files
from pipeline.errors import UnknownPurchases, UsageError
from pipeline.runner.outputs.known import Known
from pipeline.runner.workspace import TakesByAlbum, Workspace

REPORT_NAME = "cost-report"
LARGEST_REPORT_BYTES = 256 << 20


def report_path(workspace: Workspace, album: str) -> Path:
    """Where an album's report lies."""
    return workspace.folders.outputs / album / f"{REPORT_NAME}.json"


def write_reports(
    workspace: Workspace, takes: TakesByAlbum, known: Known
) -> tuple[dict[str, Any], ...]:
    """Writes ``cost-report.json``, ``.csv`` and ``.md`` of each album; returns the documents.

    A song that goes on under another id is reported under that. ``takes`` are the workspace's by
    any provider, and ``known`` is the journal as it is.
    """
    moves = workspace.moves
    attempts = continued(known.attempts, moves)
    publications = continued_files(known.publications, moves)
    documents = []
    for album in workspace.albums:
        report = cost_report(album, takes[album.id], attempts, publications, known.measurements)
        path = report_path(workspace, album.id)
        write_atomically(path, as_json(report))
        write_atomically(path.with_suffix(".csv"), report_csv(report).encode())
        markdown = report_markdown(report, title=album.title)
        write_atomically(path.with_suffix(".md"), markdown.encode())
        documents.append(report)
    return tuple(documents)


def as_json(document: Mapping[str, Any]) -> bytes:
    """A document as it is written to disk."""
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def refuse_unknown_purchases(workspace: Workspace, known: Collection[str]) -> None:
    """Raises ``UnknownPurchases`` if a cost report knows paid takes that the journal does not."""
    for album in workspace.albums:
        path = report_path(workspace, album.id)
        if not path.exists():
            continue
        found = unknown_purchases(read_report(path), known)
        if found:
            names = some_of(sorted({f"{row['song']}#{row['take']}" for row in found}))
            command = shlex.join(["songmake", "report", "--import", str(path)])
            raise UnknownPurchases(
                f"{path} knows {len(found)} purchases that the journal does not ({names}): "
                "nothing is bought until it does",
                hint=command,
            )


def read_report(path: Path) -> dict[str, Any]:
    """A cost report from disk; raises ``UnknownPurchases`` if it cannot be understood."""
    try:
        if path.stat().st_size > LARGEST_REPORT_BYTES:
            raise ValueError("it is too large")
        report = json.loads(path.read_bytes())
        if report["schema"] != SCHEMA:
            raise ValueError(f"its schema is {report['schema']!r}")
        check_rows(report)
    except (OSError, ValueError, ArithmeticError, KeyError, TypeError, RecursionError) as error:
        raise UnknownPurchases(
            f"{path}: cannot be read as a cost report ({error}), so what it knows of paid takes "
            "is unknown",
            hint="restore it from a backup, or delete it if the journal is complete",
        ) from error
    assert isinstance(report, dict)
    return report


def refuse_missing(path: Path) -> None:
    """Raises ``UsageError`` if there is no such file."""
    if not path.is_file():
        raise UsageError(
            f"{path}: no such cost report or lock",
            hint="name an album's cost-report.json or .lock.json",
        )
