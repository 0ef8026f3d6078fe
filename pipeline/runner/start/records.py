"""Journal, locks and store as a check-up finds them; each check stands alone."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.blob_store.reaching import is_bucket_empty
from pipeline.adapters.journal.opening import read_journal
from pipeline.adapters.journal.statements import SCHEMA_VERSION
from pipeline.adapters.manifest.schema_files import album_schema_text
from pipeline.adapters.run_lock import holder_of
from pipeline.core.checkup import records
from pipeline.core.checkup.check import Check, ok, skipped
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.store.location import StoreKind
from pipeline.errors import SongmakeError
from pipeline.runner.locks.checking import lock_problems
from pipeline.runner.locks.reading import read_locks
from pipeline.runner.locks.refusing import refuse_unknown
from pipeline.runner.opening import snapshot, store_of
from pipeline.runner.reading import Reading
from pipeline.runner.start.beginning import SCHEMA_NAME
from pipeline.runner.workspace import Folders, Workspace, workspace_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What a project has on disk. Methods raise what other commands would end with."""

    reading: Reading | SongmakeError
    folders: Folders
    is_offline: bool

    @property
    def workspace(self) -> Workspace | None:
        """What the manifests say; None as long as they do not hold."""
        if isinstance(self.reading, SongmakeError) or self.reading.albums is None:
            return None
        return workspace_of(self.reading, self.folders)

    def run_lock(self) -> Check:
        """Who is at work."""
        return records.judge_run_lock(holder_of(self.folders.state))

    def journal(self) -> Check:
        """Whether it can be trusted."""
        journal = read_journal(self.folders.state)
        if journal is None:
            return ok("journal", "none yet: the first render makes it")
        with contextlib.closing(journal):
            return records.judge_journal(
                journal.attempts(), form=journal.form, newest_form=SCHEMA_VERSION
            )

    def lock_files(self) -> Check:
        """Whether they can be read and say what the journal says."""
        workspace = self.workspace
        if workspace is None:
            why = (
                "there are none" if isinstance(self.reading, SongmakeError) else "they do not hold"
            )
            return skipped("lock files", f"lie beside the manifests, and {why}")
        locks = read_locks(workspace)
        shown = [each.file.shown for each in locks.found if each.lock is not None]
        try:
            journal = read_journal(self.folders.state)
        except SongmakeError:
            return skipped("lock files", f"{len(shown)} can be read; the journal cannot")
        with contextlib.closing(journal) if journal else contextlib.nullcontext():
            seen = snapshot(workspace, asks_store=False)
            refuse_unknown(workspace, seen)
            problems = tuple(lock_problems(workspace, seen, journal)) if journal else ()
        others = [each.file.shown for each in locks.anothers(seen.journal_id)]
        return records.judge_locks(
            [*shown, *(path for path, _ in problems)], anothers=others, problems=problems
        )

    def store(self) -> Check:
        """Whether the audio is where it should be."""
        location = self.folders.store
        is_bucket = location is not None and location.kind is not StoreKind.FOLDER
        shown = "store/ of the state folder" if location is None else location.shown
        is_asked = not (is_bucket and self.is_offline)
        is_empty = False
        if is_asked and is_bucket and location is not None:
            is_empty = is_bucket_empty(location)
        elif is_asked:
            is_empty = store_of(self.folders).is_empty()
        return records.judge_store(
            shown,
            is_empty=is_empty,
            stored_takes=sum(one.audio is not None for one in self._attempts()),
            is_asked=is_asked,
        )

    def _attempts(self) -> tuple[Attempt, ...]:
        try:
            journal = read_journal(self.folders.state)
        except SongmakeError:
            return ()
        if journal is None:
            return ()
        with contextlib.closing(journal):
            return journal.attempts()

    def editor(self, manifests: Sequence[Path]) -> Check:
        """Whether the copies of the schema beside the manifests are today's."""
        folders = dict.fromkeys(path if path.is_dir() else path.parent for path in manifests)
        copies = [folder / SCHEMA_NAME for folder in folders if (folder / SCHEMA_NAME).is_file()]
        today = album_schema_text()
        older = [each for each in copies if each.read_text("utf-8", errors="replace") != today]
        return records.judge_editor([str(each) for each in copies], [str(each) for each in older])
