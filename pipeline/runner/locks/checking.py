"""Whether the lock files say what the journal says. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.adapters.journal.sqlite import Journal
from pipeline.runner.locks.lines import KeptLock
from pipeline.runner.locks.reading import sharers_of
from pipeline.runner.opening import Snapshot
from pipeline.runner.workspace import Workspace

FIRST_FORM_WITH_LOCKS = 3
MEND = "write it again, free: songmake report"


def lock_problems(
    workspace: Workspace, seen: Snapshot, journal: Journal
) -> Iterator[tuple[str, str]]:
    """The path of each lock that is missing or differs, and what is wrong with it."""
    shares = journal.lock_shares() if journal.form >= FIRST_FORM_WITH_LOCKS else ()
    measured = journal.measurements()
    sharers = sharers_of(workspace, shares)
    for each in seen.locks.found:
        if each.album is None:
            continue
        kept = KeptLock(each.album, each.file, each.lock, journal=journal.id)
        for attempt in seen.as_bought:
            if each.album in (attempt.ref.album, *sharers.get(attempt.digest, ())):
                kept.put(attempt)
        for checksum, document in measured.items():
            kept.measure(checksum, document)
        text = kept.text()
        if text is not None and text != each.file.text:
            problem = "missing" if each.lock is None else "not as the journal has it"
            yield each.file.shown, problem
