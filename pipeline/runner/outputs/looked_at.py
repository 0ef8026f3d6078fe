"""Which files a run without work holds against the journal: tracks, pages, reports, blobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.adapters.journal.opening import read_journal
from pipeline.core.purchase.attempt import Attempt
from pipeline.runner.opening import store_of
from pipeline.runner.outputs.known import outputs_key
from pipeline.runner.outputs.reporting import report_path
from pipeline.runner.rebuild.taking_back import blobs_of
from pipeline.runner.workspace import Workspace


def files_looked_at(workspace: Workspace, attempts: Iterable[Attempt]) -> Iterator[str]:
    """Absolute paths, whether or not anything is there.

    Links stay in them: one that leads elsewhere tomorrow makes other files of the same paths.
    """
    folders = workspace.folders
    outputs, store = folders.outputs.absolute(), store_of(folders)
    journal = read_journal(folders.state)
    if journal is not None:
        try:
            key = outputs_key(folders)
            for publication in journal.publications(key):
                yield str(outputs / publication.path)
            for record in journal.handover_records(key):
                yield str(outputs / record.path)
        finally:
            journal.close()
    for album in workspace.albums:
        report = report_path(workspace, album.id).absolute()
        yield from (str(report.with_suffix(suffix)) for suffix in (".json", ".csv", ".md"))
    for audio in blobs_of(attempts).values():
        yield str(store.path_of(audio.checksum, audio.format).absolute())
