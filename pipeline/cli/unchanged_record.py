"""Remembers a run that had nothing to do, so that the next one can be answered at once."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pipeline
from pipeline.adapters.lock_file import SUFFIX as LOCK_SUFFIX
from pipeline.adapters.unchanged import (
    are_older,
    bytes_of,
    is_journal_at_rest,
    journal_file,
    keep_record,
    stats_of,
)
from pipeline.cli.unchanged_answer import key_of, state_here
from pipeline.core.findings.diagnostics import Diagnostic
from pipeline.core.purchase.plan import Keep
from pipeline.core.run.events import Event, RunStarted
from pipeline.core.run.unchanged import Unchanged, by_folder
from pipeline.core.store.leftovers import IN_FLIGHT
from pipeline.errors import ExitCode
from pipeline.runner.outputs.looked_at import files_looked_at
from pipeline.runner.render.finishing import SUMMARY_NAME, Ended
from pipeline.runner.workspace import STATE_NAME, Workspace

MOMENTS = re.compile(
    r'(.*"started_at": ")[^"]*(",\s*"finished_at": ")[^"]*(".*)', re.DOTALL | re.ASCII
)
PACKAGE = Path(pipeline.__file__).resolve().parent
SHIPPED = (PACKAGE, PACKAGE.parent / "schemas")


class Recollection:
    """What a run of ``render`` looks at, from its first file on; kept if it had nothing to do."""

    def __init__(self) -> None:
        self._started_ns = time.time_ns()
        self._opened: set[str] = set()
        self._is_listening = True
        self._has_spoken = False
        self._journal_stats: str | None = None
        sys.addaudithook(self._note_opening)

    def over(self, emit: Callable[[Event], None]) -> Callable[[Event], None]:
        """``emit`` that notices whether anything was worth telling."""

        def note(event: Event) -> None:
            self._has_spoken |= not isinstance(event, RunStarted)
            emit(event)

        return note

    def over_findings(
        self, tell: Callable[[Sequence[Diagnostic]], None]
    ) -> Callable[[Sequence[Diagnostic]], None]:
        """``tell`` that notices whether the manifests were worth a word."""

        def note(findings: Sequence[Diagnostic]) -> None:
            self._has_spoken |= bool(findings)
            tell(findings)

        return note

    def note_journal(self, state: Path) -> None:
        """Called with the run lock held, when the journal has been closed."""
        self._journal_stats = stats_of(by_folder([journal_file(str(state.absolute()))]))

    def keep(self, workspace: Workspace, ended: Ended, said: str) -> None:
        """Leaves the record, if all of the run's world can be told; it is never worth failing."""
        self._is_listening = False
        if self._has_spoken or not _had_nothing_to_do(workspace, ended):
            return
        try:
            record, state = self._record(workspace, ended, said), state_here()
            if record is not None and state is not None:
                keep_record(state, "render", record)
        except (OSError, ValueError):
            return

    def _record(self, workspace: Workspace, ended: Ended, said: str) -> Unchanged | None:
        folders, state = workspace.folders, state_here()
        if state is None or folders.store is not None:
            return None
        root = Path(state).parent
        if (folders.state.resolve(), folders.outputs.resolve()) != (
            Path(state).resolve(),
            (root / "outputs").resolve(),
        ):
            return None
        inputs, carried = self._inputs(folders.state, folders.outputs)
        manifests = {str(Path(album.source).resolve()) for album in workspace.albums}
        if not manifests <= {os.path.realpath(path) for path in inputs}:
            return None
        looked_at = set(files_looked_at(workspace, ended.attempts))
        gone = {path for path in looked_at if not os.path.lexists(path)}
        seen = (*inputs, *(path for path in carried if path.endswith(LOCK_SUFFIX)))
        lying = sorted({*carried, *looked_at - gone, *(str(Path(path).parent) for path in seen)})
        journal = journal_file(str(folders.state.absolute()))
        dated = (*inputs, *lying, *_folders_that_lack(gone, workspace))
        is_sure = are_older(dated, self._started_ns) and is_journal_at_rest(state)
        if not is_sure or stats_of(by_folder([journal])) != self._journal_stats:
            return None
        moments = MOMENTS.fullmatch((folders.outputs / SUMMARY_NAME).read_text(encoding="utf-8"))
        if moments is None:
            return None
        files = by_folder((journal, *lying))
        return Unchanged(
            key=key_of(sys.argv[1:]),
            inputs=tuple(inputs),
            files=files,
            absent=tuple(sorted({*_nearer_roots(inputs, root), *gone})),
            inputs_digest=bytes_of(inputs),
            files_digest=stats_of(files),
            said=said,
            summary=(moments[1], moments[2], moments[3]),
        )

    def _inputs(self, state: Path, outputs: Path) -> tuple[list[str], list[str]]:
        """What was read: the user's files, and what songmake wrote, which counts by its stat."""
        own = (state.resolve(), outputs.resolve())
        inputs, carried = [], []
        for name in sorted(self._opened):
            path = Path(name)
            real = path.resolve()
            if not real.is_file() or any(real.is_relative_to(folder) for folder in own):
                continue
            if name.endswith(LOCK_SUFFIX) or any(map(real.is_relative_to, SHIPPED)):
                carried.append(name)
            elif not any(real.is_relative_to(folder) for folder in _NOBODYS):
                inputs.append(name)
        return inputs, carried

    def _note_opening(self, event: str, values: tuple[Any, ...]) -> None:
        if event == "open" and self._is_listening and isinstance(values[0], (str, os.PathLike)):
            name = os.path.abspath(os.fspath(values[0]))  # noqa: PTH100 - links stay as named
            if isinstance(name, str) and not name.endswith((".py", ".pyc")):
                self._opened.add(name)


# Python's own modules, which its version stands for, and what the kernel makes up.
_NOBODYS = (
    *(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")),
    *map(Path, ("/proc", "/sys")),
)


def _had_nothing_to_do(workspace: Workspace, ended: Ended) -> bool:
    return (
        ended.code is ExitCode.OK
        and not (ended.bugs or ended.absent or ended.bought)
        and all(isinstance(action, Keep) for action in ended.actions)
        and all(attempt.state not in IN_FLIGHT for attempt in ended.attempts)
        and bool(workspace.albums)
    )


def _folders_that_lack(gone: Iterable[str], workspace: Workspace) -> Iterator[str]:
    """The nearest folder that is there: its time tells whether something went during the run.

    What other albums lack is nothing that this run would have missed.
    """
    outputs = workspace.folders.outputs.absolute()
    own = {outputs / album.id for album in workspace.albums}
    for path in map(Path, gone):
        is_others = outputs in path.parent.parents and own.isdisjoint(path.parents)
        if not is_others:
            yield str(next(folder for folder in path.parents if folder.is_dir()))


def _nearer_roots(inputs: Iterable[str], root: Path) -> Iterator[str]:
    """What would make another folder the project's root, if it appeared."""
    paths = [Path(path) for path in inputs]
    folders = {path.parent.resolve() for path in paths} | {path.resolve().parent for path in paths}
    for folder in folders:
        for above in (folder, *folder.parents):
            if above == root.resolve():
                break
            names = (str(above / STATE_NAME), str(above / ".git"))
            yield from (name for name in names if not os.path.lexists(name))
